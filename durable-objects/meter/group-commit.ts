type Waiting = { run: () => unknown; resolve: (value: never) => void; reject: (reason: unknown) => void }

/**
 * Runs commands that arrive together in one transaction: each commit is a flush to disk, and a burst shares one.
 * Commands run in order of arrival, each seeing what the ones before it did. If the transaction fails, all fail.
 */
export class GroupCommit {
  #waiting: Waiting[] = []
  readonly #transact: (work: () => void) => void

  constructor(transact: (work: () => void) => void) {
    this.#transact = transact
  }

  /** Resolves with the command's answer once the transaction it shared is committed. */
  run<T>(command: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ run: command, resolve, reject })
      // A turn of the event loop later: what has arrived by then shares the commit.
      if (this.#waiting.length === 1) setTimeout(() => this.#commit(), 0)
    })
  }

  #commit(): void {
    const batch = this.#waiting
    this.#waiting = []
    const answers: unknown[] = []
    try {
      this.#transact(() => {
        for (const waiting of batch) answers.push(waiting.run())
      })
    } catch (failure) {
      for (const waiting of batch) waiting.reject(failure)
      return
    }
    for (const [i, waiting] of batch.entries()) waiting.resolve(answers[i] as never)
  }
}
