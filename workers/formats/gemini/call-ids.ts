type OpenCall = { id: string; name: string }

/**
 * The tool calls of a conversation that wait for their results. Calls of older models have no ids: each is given one by
 * its place, and a result without an id answers the first open call of its name.
 */
export class CallIds {
  #open: OpenCall[] = []
  #count = 0

  /** The id of a call: its own, or one made from how many came before it, the same whenever the chat is sent again. */
  open(name: string, own: string | undefined): string {
    const id = own ?? `call_${this.#count}`
    this.#count += 1
    this.#open.push({ id, name })
    return id
  }

  /** The id of the call that a result answers; `undefined` where no call waits for it. */
  close(name: string, own: string | undefined): string | undefined {
    const call = this.#open.find(({ id }) => id === own) ?? this.#open.find(open => open.name === name)
    this.#open = this.#open.filter(open => open !== call)
    return call?.id
  }
}
