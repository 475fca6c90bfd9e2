import type { AdmittedCall } from '../call.ts'
import { holdOpen } from '../hold-open.ts'
import type { GatewayPorts, ProviderWatch } from '../ports.ts'
import { type Ending, settleCall } from '../settle-call.ts'
import { type Failure, verdictOn } from './failure.ts'
import { patienceOf } from './patience.ts'
import { TimeLimit } from './time-limit.ts'

/** How long a provider that refuses for too many requests is left alone, where it does not say. */
const LIMITED_MS = 2_000
const TOO_MANY = 429
/** And at most: it may have become well before the time that it named. */
const MAX_LIMITED_MS = 300_000

/**
 * One attempt while it runs: its hold is kept open until it is settled, and its provider's health hears how it went. A stream that
 * nobody waits for any more before it has begun has as long to go on as one whose client leaves.
 */
export class Attempt {
  readonly admitted: AdmittedCall
  readonly ports: GatewayPorts
  readonly limit: TimeLimit
  readonly #closeHold: () => void
  readonly #watch: ProviderWatch
  readonly #startMs: number
  #isJudged = false
  #isLeft = false
  #isSettled = false
  readonly #onClientGone = () => this.leave(this.ports.settings.drainMs)

  constructor(admitted: AdmittedCall, ports: GatewayPorts) {
    this.admitted = admitted
    this.ports = ports
    const { firstTokenMs, answerMs } = patienceOf(admitted, ports.settings)
    const { ask, reliability } = admitted
    const mayBeLeft = ask.isStream || reliability.hedgeAfterMs !== null
    this.limit = new TimeLimit(ask.isStream ? firstTokenMs : answerMs, mayBeLeft)
    this.#closeHold = holdOpen(admitted, ports)
    this.#watch = ports.watch(admitted.draft.tenant_id, admitted.route.provider)
    this.#startMs = ports.nowMs()
    this.#watch.begin(this.#startMs)
    if (ask.isStream) this.#hearClient()
  }

  #hearClient(): void {
    if (this.#clientGone.aborted) this.#onClientGone()
    else this.#clientGone.addEventListener('abort', this.#onClientGone)
  }

  get #clientGone(): AbortSignal {
    return this.admitted.call.request.signal
  }

  /** Milliseconds since the call began. */
  elapsedMs(): number {
    return Math.max(0, this.ports.nowMs() - this.admitted.call.startMs)
  }

  /** Nobody waits for it any more: it is read on for so long, so that what it costs is heard, and then cut. */
  leave(ms: number): void {
    if (this.#isSettled || this.#isLeft) return
    this.#isLeft = true
    this.limit.cutAfter(ms)
  }

  /** It is waited for, or has said something: where no time is set for its first token, it may be silent for so long. */
  hears(): void {
    const patience = patienceOf(this.admitted, this.ports.settings)
    if (this.#isLeft || patience.firstTokenMs !== null) return
    this.limit.cutAfter(patience.idleMs)
  }

  /** Says how the provider did, once; it was in time then. */
  judge(failure: Failure | undefined): void {
    if (!this.#isLeft) this.limit.done()
    if (this.admitted.ask.isStream) this.#clientGone.removeEventListener('abort', this.#onClientGone)
    if (this.#isJudged) return
    this.#isJudged = true
    const { nowMs, after } = this.ports
    const [at, verdict] = [nowMs(), failure ? verdictOn(failure) : 'well']
    const latencyMs = failure ? null : at - this.#startMs
    this.#watch.end({ verdict, latencyMs, limitedUntilMs: this.#limitedUntil(failure, at) }, { nowMs: at, after })
  }

  // A limit is of a key: where there are more, the provider has something left.
  #limitedUntil(failure: Failure | undefined, nowMs: number): number {
    if (failure?.status !== TOO_MANY || this.admitted.route.keys.length > 1) return 0
    return nowMs + Math.min(MAX_LIMITED_MS, failure.retryAfterMs ?? LIMITED_MS)
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
    const ended = settled.finally(() => this.#end())
    this.ports.after(ended)
    return ended
  }

  #end(): void {
    this.#isSettled = true
    this.#closeHold()
    this.limit.done()
  }
}
