import { MeterLane } from './meter-lane.ts'

/** So long whoever reads what was used waits for what is on its way, in milliseconds. */
const QUIET_MS = 100

/** The lanes of an isolate, one for each meter that it is speaking to. */
export class MeterLanes {
  readonly #lanes = new Map<string, MeterLane>()
  readonly #open = new Set<{ meter: string }>()

  /** The lane of a meter, by its name. */
  of(meter: string): MeterLane {
    const known = this.#lanes.get(meter)
    if (known) return known
    this.#forgetIdle()
    const lane = new MeterLane()
    this.#lanes.set(meter, lane)
    return lane
  }

  /** Remembers that something is being settled at a meter until it is. */
  async settling(meter: string, settled: Promise<void>): Promise<void> {
    const open = { meter }
    this.#open.add(open)
    try {
      await settled
    } finally {
      this.#open.delete(open)
    }
  }

  /**
   * Resolves when what this isolate was settling at meters of such names is settled, so that who was answered reads what that
   * cost; or after a while, for one whose request was ended is never heard of again.
   */
  async quiet(prefix: string): Promise<void> {
    const open = [...this.#open].filter(({ meter }) => meter.startsWith(prefix))
    for (let ms = 0; ms < QUIET_MS && open.some(one => this.#open.has(one)); ms += 1) await scheduler.wait(1)
    for (const one of open) this.#open.delete(one)
  }

  #forgetIdle(): void {
    for (const [name, lane] of this.#lanes) if (lane.isIdle) this.#lanes.delete(name)
  }
}
