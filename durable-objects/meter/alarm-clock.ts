/** The one alarm an object has, set only where none is set or the new one is earlier: each set costs a written row. */
export class AlarmClock {
  readonly #storage: DurableObjectStorage
  #setMs: number | null = null
  #wantedMs: number | null = null

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
  }

  /** Learns what is set already. */
  async load(): Promise<void> {
    this.#setMs = await this.#storage.getAlarm()
  }

  /** Asks to be woken at this instant or before, in UTC epoch milliseconds. `arm` makes it so. */
  wakeBy(ms: number): void {
    this.#wantedMs = Math.min(this.#wantedMs ?? ms, ms)
  }

  /** Sets the alarm for the earliest instant asked for; in the same turn as other writes it is one commit with them. */
  arm(): void {
    const wanted = this.#wantedMs
    this.#wantedMs = null
    if (wanted === null || (this.#setMs !== null && this.#setMs <= wanted)) return
    this.#setMs = wanted
    void this.#storage.setAlarm(wanted)
  }

  /** While an alarm is being handled none is set. */
  hasRung(): void {
    this.#setMs = null
  }
}
