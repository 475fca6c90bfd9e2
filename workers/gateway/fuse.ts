import type { MeterGrowth } from '../core/quota/meter-protocol.ts'
import type { StreamReader } from '../providers/port.ts'
import type { AdmittedCall } from './call.ts'
import type { GatewayPorts } from './ports.ts'
import { needOf } from './size-hold.ts'

/** Raises the hold so that it covers so many output tokens. */
export type GrowTo = (outputTokens: number) => Promise<MeterGrowth>

/** What a fuse watches. `held`: the output tokens that the hold covers; `output`: those seen so far. */
export type FuseJob = { held: number; output: Output; growTo: GrowTo }

type Output = Pick<StreamReader, 'countOutput' | 'isOutputOver'>

/** The least that a hold is raised by, in tokens; also how much must be left for a stream to go on while it asks. */
const MIN_GROWTH = 16
/** Where nobody can say whether there is more, a stream goes on for so many tokens before it asks again. */
const UNKNOWN_GRACE = 256

/**
 * Ends a stream before it passes its hold, unless the hold can be raised: asks for more when three quarters of it are used,
 * and waits for the answer only when all is. What is refused in one piece is asked for in smaller ones.
 */
export class Fuse {
  readonly #job: FuseJob
  #held: number
  #growing: Promise<void> | undefined
  #isSpent = false

  constructor(job: FuseJob) {
    this.#job = job
    this.#held = job.held
  }

  /** Whether the stream may go on; `false` where it has to end here. Says so at once while there is room. */
  allows(): boolean | Promise<boolean> {
    return !this.#isNear() || this.#growOrEnd()
  }

  #isNear(): boolean {
    return this.#job.output.isOutputOver(this.#held - Math.max(MIN_GROWTH, this.#held / 4))
  }

  async #growOrEnd(): Promise<boolean> {
    for (;;) {
      if (!this.#isNear()) return true
      const left = this.#held - this.#job.output.countOutput()
      if (!this.#isSpent) this.#growing ??= this.#grow().finally(() => this.#stopGrowing())
      if (left > 0) return true
      if (!this.#growing) return false
      await this.#growing
    }
  }

  #stopGrowing(): void {
    this.#growing = undefined
  }

  async #grow(): Promise<void> {
    for (const more of new Set([this.#held, Math.ceil(this.#held / 4), MIN_GROWTH])) {
      const kind = await this.#ask(this.#held + Math.max(MIN_GROWTH, more))
      if (kind !== 'refused') return
    }
    this.#isSpent = true
  }

  async #ask(outputTokens: number): Promise<MeterGrowth['kind']> {
    const { kind } = await this.#job.growTo(outputTokens).catch(() => ({ kind: 'unavailable' }) as const)
    if (kind === 'grown') this.#held = outputTokens
    if (kind === 'unavailable') this.#held += UNKNOWN_GRACE
    if (kind === 'gone') this.#isSpent = true
    return kind
  }
}

/**
 * A provider that keeps to its output cap never makes more than a strict hold covers, but our count is an estimate; so a
 * strict stream is ended only at twice what it was capped at.
 */
const STRICT_SLACK = 2

/** The fuse of an admitted stream; none where no limit of money or tokens binds it. */
export function fuseOf(admitted: AdmittedCall, output: Output, ports: GatewayPorts): Fuse | undefined {
  const { ask, hold, attempt, meter, route, standings, handling } = admitted
  if (!standings.some(({ unit }) => unit === 'nano_usd' || unit === 'tokens')) return undefined
  const growTo: GrowTo = outputTokens => {
    const bound = { inputTokens: hold.bound.inputTokens, outputTokens }
    return meter.grow({ ...attempt, nowMs: ports.nowMs(), need: needOf(bound, route, ask), bound })
  }
  const slack = handling.admission === 'strict' ? STRICT_SLACK : 1
  return new Fuse({ held: hold.bound.outputTokens * slack, output, growTo })
}
