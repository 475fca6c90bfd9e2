/** Events kept unparsed, in UTF-16 units; beyond it they are folded into the count, so a long stream stays small. */
const MAX_PENDING = 256 * 1024
const BYTES_PER_TOKEN = 4
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is the whole of ASCII that is meant.
const NOT_ASCII = /[^\x00-\x7f]/
const utf8 = new TextEncoder()

/** What one event generated of one answer: its text, and whether it was the answer's last. */
export type Generated = { choice: number; text: string; isLast: boolean }

/** Reads what one event generated. Never throws. */
export type ReadGenerated = (data: string) => Generated[]

/** Counts the output of a stream that may end without usage. Parses nothing until it is asked, or has too much. */
export class OutputCounter {
  readonly #read: ReadGenerated
  readonly #from: string
  #pending: string[] = []
  #pendingUnits = 0
  #pendingBytes = 0
  #deltas = 0
  #bytes = 0
  #isBegun = false
  readonly #open = new Set<number>()

  /** `from`: the JSON key, in its quotes, before which an event of the wire generates nothing. */
  constructor(read: ReadGenerated, from = '') {
    this.#read = read
    this.#from = from
  }

  /** Takes the data of one event. */
  add(data: string): void {
    this.#pending.push(data)
    this.#pendingUnits += data.length
    this.#pendingBytes += (NOT_ASCII.test(data) ? 3 : 1) * (data.length - Math.max(0, data.indexOf(this.#from)))
    if (this.#pendingUnits > MAX_PENDING) this.#fold()
  }

  /** Estimated tokens: one a delta, or one for four UTF-8 bytes, whichever is more. */
  count(): number {
    this.#fold()
    return Math.max(this.#deltas, Math.ceil(this.#bytes / BYTES_PER_TOKEN))
  }

  /**
   * Whether the count is above `tokens`. JSON is never shorter than the text in it, which has at most three bytes to a
   * UTF-16 unit, and a delta is longer than four bytes: so that most streams end before anything has to be parsed.
   */
  isOver(tokens: number): boolean {
    const counted = Math.max(this.#deltas, this.#bytes / BYTES_PER_TOKEN)
    const atMost = counted + this.#pendingBytes / BYTES_PER_TOKEN + 1
    return atMost > tokens && this.count() > tokens
  }

  /** Whether there were answers, and all have been told to their end. */
  hasEnded(): boolean {
    this.#fold()
    return this.#isBegun && this.#open.size === 0
  }

  /** The answers that have begun and have not ended. */
  openChoices(): number[] {
    this.#fold()
    return [...this.#open]
  }

  #fold(): void {
    for (const data of this.#pending) for (const generated of this.#read(data)) this.#countOne(generated)
    this.#pending = []
    this.#pendingUnits = 0
    this.#pendingBytes = 0
  }

  #countOne({ choice, text, isLast }: Generated): void {
    this.#isBegun = true
    if (isLast) this.#open.delete(choice)
    else this.#open.add(choice)
    if (text === '') return
    this.#deltas += 1
    this.#bytes += utf8.encode(text).length
  }
}
