type Waiting = { run: () => unknown; resolve: (value: never) => void; reject: (reason: unknown) => void }

/**
 * Runs commands that arrive together in one transaction: each commit is a flush to disk, and a burst shares one. A command
 * that comes alone does not wait for others. Commands run in order of arrival, each seeing what the ones before it did. If
 * the transaction fails, all fail.
 */
export class GroupCommit {
  #waiting: Waiting[] = []
  readonly #transact: (work: () => void) => void
  #isResting = true

  constructor(transact: (work: () => void) => void) {
    this.#transact = transact
  }

  /** Resolves with the command's answer once the transaction it shared is committed. */
  run<T>(command: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ run: command, resolve, reject })
      if (this.#isResting) this.#commitThenGather()
    })
  }

  // What arrives within a turn of the event loop after a commit is the burst that shares the next one.
  #commitThenGather(): void {
    this.#isResting = this.#waiting.length === 0
    if (this.#isResting) return
    this.#commit()
    setTimeout(() => this.#commitThenGather(), 0)
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
