/** Events kept unparsed, in UTF-16 units; beyond it they are folded into the count, so a long stream stays small. */
const MAX_PENDING = 256 * 1024
const BYTES_PER_TOKEN = 4
const utf8 = new TextEncoder()

/** What one event generated of one answer: its text, and whether it was the answer's last. */
export type Generated = { choice: number; text: string; isLast: boolean }

/** Reads what one event generated. Never throws. */
export type ReadGenerated = (data: string) => Generated[]

/** Counts the output of a stream that may end without usage. Parses nothing until it is asked, or has too much. */
export class OutputCounter {
  readonly #read: ReadGenerated
  #pending: string[] = []
  #pendingUnits = 0
  #deltas = 0
  #bytes = 0
  #isBegun = false
  readonly #open = new Set<number>()

  constructor(read: ReadGenerated) {
    this.#read = read
  }

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
