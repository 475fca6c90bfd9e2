import { type HealthSample, NO_SAMPLE } from '../core/health/circuit.ts'
import type { Health, HealthEnd, SharedHealth, Timed } from '../core/health/health-protocol.ts'
import type { Condition } from '../gateway/routing/balance.ts'

/** Where nothing is wrong, an isolate speaks so seldom; after a failure at once, but not more often than this. */
const QUIET_MS = 15_000
const URGENT_MS = 250
/** How long what was heard is believed. */
const BELIEVED_MS = 60_000

function counted({ successes, failures, timed, latencyMsSum }: HealthSample, end: HealthEnd): HealthSample {
  return {
    successes: successes + Number(end.verdict === 'well'),
    failures: failures + Number(end.verdict === 'ill'),
    timed: timed + Number(end.latencyMs !== null),
    latencyMsSum: latencyMsSum + (end.latencyMs ?? 0),
  }
}

/** What one isolate knows of one provider. Reading it waits for nobody; what it has seen it tells in its own time. */
export class ProviderHealth {
  readonly #isolate: string
  readonly #connect: () => Health
  #unsaid: HealthSample = NO_SAMPLE
  #limitedUntilMs = 0
  #inFlight = 0
  #saidMs = 0
  #heard: (SharedHealth & { atMs: number; others: number }) | undefined
  #probeMs = 0

  constructor(isolate: string, connect: () => Health) {
    this.#isolate = isolate
    this.#connect = connect
  }

  /** How the provider does. Of one that is half open the first attempt of this isolate may find out; to others it is resting. */
  condition(nowMs: number): Condition {
    const heard = this.#heard && this.#heard.atMs > nowMs - BELIEVED_MS ? this.#heard : undefined
    const isLimited = Math.max(this.#limitedUntilMs, heard?.limitedUntilMs ?? 0) > nowMs
    const isResting = isLimited || this.#isOpen(heard, nowMs)
    return { isResting, latencyMs: heard?.latencyMs ?? null, inFlight: this.#inFlight + (heard?.others ?? 0) }
  }

  /** An attempt begins. */
  begin(nowMs: number): void {
    this.#inFlight += 1
    const until = this.#heard?.openUntilMs
    if (until != null && until <= nowMs) this.#probeMs = nowMs
  }

  /** It has ended. */
  end(end: HealthEnd, timed: Timed): void {
    this.#inFlight -= 1
    this.#unsaid = counted(this.#unsaid, end)
    this.#limitedUntilMs = Math.max(this.#limitedUntilMs, end.limitedUntilMs)
    // Nothing was found out, so the next may.
    if (end.verdict === 'untold') this.#probeMs = 0
    const isUrgent = end.verdict === 'ill' || (this.#heard?.openUntilMs ?? null) !== null
    if (timed.nowMs - this.#saidMs >= (isUrgent ? URGENT_MS : QUIET_MS)) timed.after(this.#say(timed.nowMs))
  }

  #isOpen(heard: SharedHealth | undefined, nowMs: number): boolean {
    if (!heard || heard.openUntilMs === null) return false
    return heard.openUntilMs > nowMs || this.#probeMs >= heard.openUntilMs
  }

  async #say(nowMs: number): Promise<void> {
    const sample = this.#unsaid
    this.#unsaid = NO_SAMPLE
    this.#saidMs = nowMs
    const limitedUntilMs = this.#limitedUntilMs
    const report = { isolate: this.#isolate, sample, inFlight: this.#inFlight, limitedUntilMs, nowMs }
    const heard = await this.#connect()
      .report(report)
      .catch(() => undefined)
    if (heard) this.#heard = { ...heard, atMs: nowMs, others: Math.max(0, heard.inFlight - report.inFlight) }
  }
}
