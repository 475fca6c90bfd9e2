/** The client's end of a stream: writes until the client has gone, then swallows. */
export class ClientEnd {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  readonly #onGone: () => void
  #isGone = false

  constructor(client: WritableStream<Uint8Array>, onGone: () => void) {
    this.#writer = client.getWriter()
    this.#onGone = onGone
    this.#writer.closed.catch(() => this.leave())
  }

  get isGone(): boolean {
    return this.#isGone
  }

  leave(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#onGone()
  }

  /** Settled when the client has taken it, so that a slow one makes the provider wait. Never rejects. */
  write(parts: Uint8Array[]): Promise<void> | undefined {
    const [first, ...others] = parts
    if (this.#isGone || !first) return undefined
    const written = this.#writer.write(first)
    // Nearly all are one: an async function for each chunk would cost as much as the chunk.
    return (others.length === 0 ? written : this.#writeAll(written, others)).catch(() => this.leave())
  }

  async #writeAll(written: Promise<void>, others: Uint8Array[]): Promise<void> {
    await written
    for (const part of others) {
      if (this.#isGone) return
      await this.#writer.write(part)
    }
  }

  /** Ends the stream: cleanly, or as broken where the provider broke off. */
  async finish(isWhole: boolean): Promise<void> {
    // Nobody leaves what has ended: the writer, once aborted, would say so.
    this.#isGone = true
    const done = isWhole ? this.#writer.close() : this.#writer.abort(new Error('the provider broke off'))
    await done.catch(() => undefined)
  }
}
