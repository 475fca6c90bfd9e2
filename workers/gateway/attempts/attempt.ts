import type { AdmittedCall } from '../call.ts'
import { holdOpen } from '../hold-open.ts'
import type { GatewayPorts, ProviderWatch } from '../ports.ts'
import { type Ending, settleCall } from '../settle-call.ts'
import { type Failure, isOfHealth } from './failure.ts'
import { patienceOf } from './patience.ts'
import { TimeLimit } from './time-limit.ts'

/** How long a provider that refuses for too many requests is left alone, where it does not say. */
const LIMITED_MS = 2_000
const TOO_MANY = 429

/** One attempt while it runs: its hold is kept open until it is settled, and its provider's health hears how it went. */
export class Attempt {
  readonly admitted: AdmittedCall
  readonly ports: GatewayPorts
  readonly limit: TimeLimit
  readonly #letGo: () => void
  readonly #watch: ProviderWatch
  readonly #startMs: number
  #isJudged = false

  constructor(admitted: AdmittedCall, ports: GatewayPorts) {
    this.admitted = admitted
    this.ports = ports
    const { firstTokenMs, answerMs } = patienceOf(admitted)
    this.limit = new TimeLimit(admitted.ask.isStream ? firstTokenMs : answerMs)
    this.#letGo = holdOpen(admitted, ports)
    this.#watch = ports.watch(admitted.draft.tenant_id, admitted.route.provider)
    this.#startMs = ports.nowMs()
    this.#watch.begin(this.#startMs)
  }

  /** Milliseconds since the call began. */
  elapsedMs(): number {
    return Math.max(0, this.ports.nowMs() - this.admitted.call.startMs)
  }

  /** Says how the provider did, once. */
  judge(failure: Failure | undefined): void {
    this.limit.done()
    if (this.#isJudged) return
    this.#isJudged = true
    const { ports } = this
    const nowMs = ports.nowMs()
    const isLimited = failure?.status === TOO_MANY
    const limitedUntilMs = isLimited ? nowMs + (failure.retryAfterMs ?? LIMITED_MS) : 0
    const isFailure = failure !== undefined && isOfHealth(failure)
    this.#watch.end({ isFailure, latencyMs: nowMs - this.#startMs, limitedUntilMs }, { nowMs, after: ports.after })
  }

  /** Settles it, in its own time. */
  settle(ending: Ending): Promise<void> {
    return this.endWith(settleCall(this.admitted, ending, this.ports))
  }

  /** Takes back a hold of which nothing was sent. */
  release(): Promise<void> {
    return this.endWith(this.admitted.meter.release(this.admitted.attempt))
  }

  /** Keeps the hold open until this is done: the provider may be billing for so long. */
  endWith(settled: Promise<void>): Promise<void> {
    const ended = settled.finally(this.#letGo)
    this.ports.after(ended)
    return ended
  }
}
