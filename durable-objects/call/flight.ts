import { Broadcast, type BroadcastPlan } from './broadcast.ts'
import { isWorthKeeping, type KeptAnswer } from './kept-answer.ts'

/** What a flight is made of. `land` is told once how it ended, before anyone hears the end: with an answer to keep, or none. */
export type FlightPlan = Omit<BroadcastPlan, 'onUnheard'> & {
  fingerprint: string
  answer: Promise<Response>
  /** Whether a stream that ends in these bytes has been told whole. */
  endsWhole(tail: string): boolean
  land(answer: KeptAnswer | undefined): void
}

function joined(chunks: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.byteLength, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

/** One call on its way, read to its end whoever listens, and given to everyone who asks for the same. */
export class Flight {
  readonly fingerprint: string
  readonly #plan: FlightPlan
  readonly #broadcast: Broadcast
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  #isCut = false

  constructor(plan: FlightPlan) {
    this.fingerprint = plan.fingerprint
    this.#plan = plan
    this.#broadcast = new Broadcast({ ...plan, onUnheard: () => this.#cut() })
    void this.#fly()
  }

  /** The answer from its first byte on; `undefined` where that is gone. Rejects with what the call was refused with. */
  join(gone: AbortSignal): Promise<Response> | undefined {
    const body = this.#broadcast.listen(gone)
    return body && this.#plan.answer.then(answer => new Response(answer.body && body, answer))
  }

  // Storage first: what hears the end may ask again at once.
  async #fly(): Promise<void> {
    const answer = await this.#plan.answer.catch(() => undefined)
    const isWhole = answer !== undefined && (await this.#readAll(answer))
    this.#plan.land(isWhole ? this.#toKeep(answer) : undefined)
    this.#broadcast.end(isWhole)
  }

  async #readAll({ body }: Response): Promise<boolean> {
    this.#reader = body?.getReader()
    try {
      for (let next = await this.#reader?.read(); next && !next.done; next = await this.#reader?.read()) {
        await this.#broadcast.push(next.value)
      }
      return !this.#isCut
    } catch {
      return false
    }
  }

  #cut(): void {
    this.#isCut = true
    this.#reader?.cancel().catch(() => undefined)
  }

  #toKeep({ status, headers }: Response): KeptAnswer | undefined {
    const chunks = this.#broadcast.bytes()
    if (!chunks) return undefined
    const answer = { fingerprint: this.fingerprint, status, headers: [...headers], body: joined(chunks) }
    return isWorthKeeping(answer, this.#plan.endsWhole) ? answer : undefined
  }
}
