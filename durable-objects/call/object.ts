import { DurableObject } from 'cloudflare:workers'
import { createHash } from 'node:crypto'
import { hostPorts } from '../../workers/bindings/gateway-ports.ts'
import { readBytes } from '../../workers/contracts/read-body.ts'
import { isOnceName } from '../../workers/core/call/call-name.ts'
import { GatewayError } from '../../workers/errors/gateway-error.ts'
import { type HostedCall, openHostedCall } from '../../workers/gateway/hosted-call.ts'
import { describe } from '../../workers/telemetry/log.ts'
import { Flight } from './flight.ts'
import { type KeptAnswer, replayOf } from './kept-answer.ts'
import { type Statements, statements } from './statements.ts'

/** How long a stream that nobody listens to is read on. Less than the platform keeps an object alive for it. */
const READ_ON_MS = 14 * 60_000
/** The longest answer that can be joined while it comes, and replayed after. */
const MAX_KEPT_BYTES = 4 * 1_048_576
/** How long an answer is replayed. */
const KEEP_MS = 24 * 3_600_000
/** When to ask again for an answer that is too long to be joined. */
const RETRY_AFTER_MS = 5_000

function fingerprintOf({ method, url }: Request, body: Uint8Array): string {
  const head = `${method} ${new URL(url).pathname}\n`
  return createHash('sha256').update(head).update(body).digest('hex')
}

function assertSame(known: { fingerprint: string }, fingerprint: string): void {
  if (known.fingerprint === fingerprint) return
  const detail = 'This Idempotency-Key was sent with another request. Use a new key for each new request.'
  throw new GatewayError('idempotency_key_reused', detail, { param: 'idempotency-key' })
}

/**
 * Hosts the data plane for a call that has to outlive its client (named by the call), or for every request of a key with
 * one `Idempotency-Key` (named by that). In the latter at most one call is in flight at any time, and none is sent while
 * the answer to an earlier one is kept.
 */
export class CallObject extends DurableObject<Env> {
  readonly #sql: Statements = statements(this.ctx.storage.sql)
  readonly #isOnce = isOnceName(this.ctx.id.name ?? '')
  // What a flight gives up has no listener left to be read on for.
  readonly #ports = hostPorts(this.env, this.ctx, this.#isOnce ? 0 : READ_ON_MS)
  #flight: Flight | undefined

  /** Answers a request that a Worker has authenticated by its key's text and handed over. Never throws. */
  override async fetch(request: Request): Promise<Response> {
    const hosted = openHostedCall(request, this.#ports)
    try {
      return await (this.#isOnce ? this.#answerOnce(hosted) : hosted.run())
    } catch (thrown) {
      return hosted.refuse(thrown)
    }
  }

  /** Forgets the answer when its time is over, and with it all that this object has. */
  override async alarm(): Promise<void> {
    // biome-ignore lint/plugin: an alarm is called by the platform, so nobody can pass it the time.
    const nowMs = Date.now()
    const expiresMs = this.#sql.expiresMs()
    if (expiresMs !== undefined && expiresMs > nowMs) return this.ctx.storage.setAlarm(expiresMs)
    await Promise.all([this.ctx.storage.deleteAlarm(), this.ctx.storage.deleteAll()])
  }

  async #answerOnce(hosted: HostedCall): Promise<Response> {
    const { request } = hosted.call
    await hosted.authenticate()
    const body = await readBytes(request, hosted.maxBytes)
    const fingerprint = fingerprintOf(request, body)
    // Nothing is awaited between this look and the flight: else two first requests would be two calls.
    const kept = this.#kept()
    if (kept) return this.#replay(hosted, kept, fingerprint)
    if (this.#flight) return this.#join(hosted, this.#flight, fingerprint)
    this.#flight = this.#start(fingerprint, hosted, body)
    return this.#hear(hosted, this.#flight)
  }

  #kept(): KeptAnswer | undefined {
    return (this.#sql.expiresMs() ?? 0) > this.#ports.nowMs() ? this.#sql.answer() : undefined
  }

  #replay(hosted: HostedCall, kept: KeptAnswer, fingerprint: string): Response {
    assertSame(kept, fingerprint)
    this.#log(hosted, 'replay')
    return replayOf(kept, hosted.call.requestId)
  }

  async #join(hosted: HostedCall, flight: Flight, fingerprint: string): Promise<Response> {
    assertSame(flight, fingerprint)
    const answer = await this.#hear(hosted, flight)
    this.#log(hosted, 'join')
    answer.headers.set('x-request-id', hosted.call.requestId)
    answer.headers.set('x-weir-joined', 'true')
    answer.headers.set('x-weir-cost-usd', '0')
    answer.headers.delete('x-weir-held-usd')
    return answer
  }

  #hear({ call }: HostedCall, flight: Flight): Promise<Response> {
    const heard = flight.join(call.request.signal)
    if (heard) return heard
    const detail = 'The same request is in progress, and its answer is too long to be joined. Nothing was sent again.'
    throw new GatewayError('idempotency_in_progress', detail, { retryAfterMs: RETRY_AFTER_MS })
  }

  #start(fingerprint: string, hosted: HostedCall, body: Uint8Array): Flight {
    return new Flight({
      fingerprint,
      answer: hosted.run(body),
      endsWhole: tail => hosted.endsWhole(tail),
      maxBytes: MAX_KEPT_BYTES,
      unheardMs: READ_ON_MS,
      land: kept => {
        this.#flight = undefined
        if (kept) this.#keep(kept)
      },
    })
  }

  // An answer that cannot be kept was still given, and is charged; only its retry is sent anew.
  #keep(answer: KeptAnswer): void {
    const expiresMs = this.#ports.nowMs() + KEEP_MS
    try {
      this.ctx.storage.transactionSync(() => this.#sql.writeAnswer(answer, expiresMs))
      void this.ctx.storage.setAlarm(expiresMs)
    } catch (cause) {
      this.#ports.log({ event: 'keep_failed', object: this.ctx.id.name, cause: describe(cause) })
    }
  }

  #log({ call }: HostedCall, event: 'replay' | 'join'): void {
    this.#ports.log({ event, request_id: call.requestId, call_id: call.id })
  }
}
