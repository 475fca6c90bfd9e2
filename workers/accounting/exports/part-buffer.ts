import { base64url } from 'jose'

const utf8 = new TextEncoder()
const NOTHING = new Uint8Array(0)

/** One part of a file, being filled. What does not fit is kept for the next one. */
export class PartBuffer {
  readonly #bytes: Uint8Array
  #length = 0
  #rest: Uint8Array = NOTHING

  constructor(size: number) {
    this.#bytes = new Uint8Array(size)
  }

  /** Adds bytes; to be asked only while it is not full. */
  add(bytes: Uint8Array): void {
    const fits = Math.min(bytes.length, this.#bytes.length - this.#length)
    this.#bytes.set(bytes.subarray(0, fits), this.#length)
    this.#length += fits
    if (fits < bytes.length) this.#rest = bytes.slice(fits)
  }

  /** Adds a text as UTF-8. */
  addText(text: string): void {
    this.add(utf8.encode(text))
  }

  /** Adds what did not fit into the part before. */
  addCarry(carry: string): void {
    this.add(base64url.decode(carry))
  }

  /** Whether no byte fits any more. */
  get isFull(): boolean {
    return this.#length === this.#bytes.length
  }

  /** What is in it. */
  get content(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** What did not fit, which the next part begins with: `addCarry` takes it. */
  get carry(): string {
    return base64url.encode(this.#rest)
  }
}
