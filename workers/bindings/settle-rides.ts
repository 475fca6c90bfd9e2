import type { HeldSettle, SettleCommand } from '../core/quota/settle.ts'

/**
 * How long a settlement waits for an admission to ride with, in milliseconds; long enough that it has arrived by then, since to
 * look once more costs a timer.
 */
const WAIT_MS = 20
/** So often one that rides looks whether it has arrived, and after so long it goes by itself as well, in milliseconds. */
const LOOK_MS = 20
const LOST_MS = 1000
/** As many ride with one admission. */
const MAX_RIDERS = 50

/** So long whoever reads what was used waits for what is on its way, in milliseconds. */
const QUIET_MS = 100

type Rider = { command: SettleCommand; state: 'waiting' | 'riding' | 'settled' }

/**
 * Settlements that ride with an admission, without what their holds know, until it is known whether they arrived. `unknown`:
 * which have no hold there, and go by themselves, in full.
 */
export type Ride = { commands: HeldSettle[]; arrived(unknown: number[]): void; lost(): void }

const NOBODY: Ride = { commands: [], arrived: () => undefined, lost: () => undefined }

function heldOf({ scopes: _, draft: __, ...held }: SettleCommand): HeldSettle {
  return held
}

/**
 * The settlements of an isolate that wait for the next admission at the same meter: one call and one commit for both, and whoever
 * asks next is counted beside what came before it. Requests share nothing here but what they say: each looks after its own
 * settlement by its own clock, and sends it by itself where nobody took it along, or whoever did was never heard of again. To
 * settle twice is to settle once.
 */
export class SettleRides {
  readonly #riders = new Map<string, Rider[]>()
  readonly #open = new Set<{ meter: string }>()

  /** Takes along what waits for this meter. */
  take(meter: string): Ride {
    const all = this.#riders.get(meter)
    if (!all) return NOBODY
    const riders = all.splice(0, MAX_RIDERS)
    if (all.length === 0) this.#riders.delete(meter)
    const mark = (stateOf: (at: number) => Rider['state']) => {
      for (const [at, rider] of riders.entries()) rider.state = stateOf(at)
    }
    mark(() => 'riding')
    return {
      commands: riders.map(({ command }) => heldOf(command)),
      arrived: unknown => mark(at => (unknown.includes(at) ? 'waiting' : 'settled')),
      lost: () => mark(() => 'waiting'),
    }
  }

  /** Resolves once it is settled. `send` is how it goes by itself. */
  async settle(meter: string, command: SettleCommand, send: () => Promise<void>): Promise<void> {
    const open = { meter }
    this.#open.add(open)
    try {
      await this.#settle(meter, command, send)
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

  async #settle(meter: string, command: SettleCommand, send: () => Promise<void>): Promise<void> {
    const rider: Rider = { command, state: 'waiting' }
    this.#enter(meter, rider)
    await scheduler.wait(WAIT_MS)
    for (let ms = 0; rider.state === 'riding' && ms < LOST_MS; ms += LOOK_MS) await scheduler.wait(LOOK_MS)
    if (rider.state === 'settled') return
    this.#leave(meter, rider)
    await send()
  }

  #enter(meter: string, rider: Rider): void {
    const all = this.#riders.get(meter)
    if (all) all.push(rider)
    else this.#riders.set(meter, [rider])
  }

  #leave(meter: string, rider: Rider): void {
    const others = this.#riders.get(meter)?.filter(one => one !== rider) ?? []
    if (others.length > 0) this.#riders.set(meter, others)
    else this.#riders.delete(meter)
  }
}
