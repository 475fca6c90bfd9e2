import { asRecord } from '../../formats/as-record.ts'
import { deltaText } from './delta-text.ts'
import { parseEvent } from './parse-event.ts'

/** Events kept unparsed, in UTF-16 units; beyond it they are folded into the count, so a long stream stays small. */
const MAX_PENDING = 256 * 1024
const BYTES_PER_TOKEN = 4
const utf8 = new TextEncoder()

/** Counts the output of a stream that may end without usage. Parses nothing until it is asked, or has too much. */
export class OutputCounter {
  #pending: string[] = []
  #pendingUnits = 0
  #deltas = 0
  #bytes = 0
  readonly #open = new Set<number>()

  /** Takes the data of one event. */
  add(data: string): void {
    this.#pending.push(data)
    this.#pendingUnits += data.length
    if (this.#pendingUnits > MAX_PENDING) this.#fold()
  }

  /** Estimated tokens: one a delta, or one for four UTF-8 bytes, whichever is more. */
  count(): number {
    this.#fold()
    return Math.max(this.#deltas, Math.ceil(this.#bytes / BYTES_PER_TOKEN))
  }

  /** Whether the count is above `tokens`. Of a text of so many UTF-16 units at most three quarters as many tokens are counted. */
  isOver(tokens: number): boolean {
    const atMost = Math.max(this.#deltas, this.#bytes / BYTES_PER_TOKEN) + (this.#pendingUnits * 3) / 4 + 1
    return atMost > tokens && this.count() > tokens
  }

  /** The choices that have begun and have not said why they ended. */
  openChoices(): number[] {
    this.#fold()
    return [...this.#open]
  }

  #fold(): void {
    for (const data of this.#pending) this.#countEvent(data)
    this.#pending = []
    this.#pendingUnits = 0
  }

  #countEvent(data: string): void {
    const { choices } = parseEvent(data)
    if (!Array.isArray(choices)) return
    for (const choice of choices) this.#countChoice(asRecord(choice))
  }

  #countChoice({ index, delta, finish_reason }: Record<string, unknown>): void {
    const at = typeof index === 'number' ? index : 0
    if (finish_reason == null) this.#open.add(at)
    else this.#open.delete(at)
    this.#countDelta(deltaText(delta))
  }

  #countDelta(text: string): void {
    if (text === '') return
    this.#deltas += 1
    this.#bytes += utf8.encode(text).length
  }
}
