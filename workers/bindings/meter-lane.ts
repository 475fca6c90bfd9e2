import type { AttemptRef, MeterAdmit, MeterExchangeAnswer, MeterExchanged } from '../core/quota/meter-protocol.ts'
import type { HeldSettle, SettleCommand } from '../core/quota/settle.ts'

/** How long a settlement waits for an admission to ride with, in milliseconds; and how old one is that nobody looks after. */
const WAIT_MS = 10
const STALE_MS = 5 * WAIT_MS
/** While a call is under way an admission waits for the next, but no longer than so many milliseconds: the meter may be far. */
const PATIENCE_MS = 5
/** Whom another request spoke for, and has heard nothing for so long, speaks for itself, in milliseconds. */
const LOST_MS = 1000
/** As many go along with one call. */
const MOST = { admits: 50, settles: 100 }

/** What an admission hears that waited: an answer, that it is to speak for all that wait, or that it is to speak for itself. */
export type Word =
  | { kind: 'answered'; answer: MeterExchanged }
  | { kind: 'failed'; failure: unknown }
  | { kind: 'lead' | 'alone' }

type Waiting = { command: MeterAdmit; tell(word: Word): void }
type Rider = { command: SettleCommand; sinceMs: number; isWaiting: boolean; tell(isSettled: boolean): void }

/** What goes along with a call, and whom to tell what became of it. */
export class Company {
  readonly #admits: Waiting[]
  readonly #riders: Rider[]

  constructor(admits: Waiting[], riders: Rider[]) {
    this.#admits = admits
    this.#riders = riders
    for (const rider of riders) rider.isWaiting = false
  }

  get isEmpty(): boolean {
    return this.#admits.length === 0 && this.#riders.length === 0
  }

  get admits(): MeterAdmit[] {
    return this.#admits.map(({ command }) => command)
  }

  get settles(): HeldSettle[] {
    return this.#riders.map(({ command: { scopes: _, draft: __, ...held } }) => held)
  }

  /** The call was answered. Settlements of what is unknown there go by themselves, in full. */
  arrived({ admissions, unknown }: MeterExchangeAnswer): void {
    for (const [i, rider] of this.#riders.entries()) rider.tell(!unknown.includes(i))
    for (const [i, answer] of admissions.entries()) this.#admits[i]?.tell({ kind: 'answered', answer })
  }

  /** It was not: each goes by itself. */
  lost(): void {
    this.#tellAll({ kind: 'alone' })
  }

  /** It was not, and admissions are not to ask again. */
  failed(failure: unknown): void {
    this.#tellAll({ kind: 'failed', failure })
  }

  #tellAll(word: Word): void {
    for (const rider of this.#riders) rider.tell(false)
    for (const waiting of this.#admits) waiting.tell(word)
  }
}

/**
 * All that the requests of an isolate have to say to one meter. While calls are under way, admissions wait for the next and share
 * it; settlements go along with whatever goes first. Requests share nothing but what they say, and one may end without a
 * word: whoever is not heard of in time speaks for itself, since to say a thing twice is to say it once.
 */
export class MeterLane {
  readonly #waiting: Waiting[] = []
  #riders: Rider[] = []
  readonly #unsettled = new Map<string, Rider>()
  #calls = 0
  #begunMs = 0

  /** Nobody is using it. */
  get isIdle(): boolean {
    return this.#calls === 0 && this.#waiting.length === 0 && this.#unsettled.size === 0
  }

  /** Who speaks: who asks, where nobody is speaking; else whoever is told to. After `lead` come `take` and `leave`. */
  join(command: MeterAdmit): Word | Promise<Word> {
    // A caller that was ended never left.
    if (Date.now() - this.#begunMs > LOST_MS) this.#calls = 0
    if (this.#calls > 0) return this.#wait(command)
    this.#begin()
    return { kind: 'lead' }
  }

  /** Takes along what waits. */
  take(): Company {
    return new Company(this.#waiting.splice(0, MOST.admits), this.#takeRiders())
  }

  /** A call is over: who waits longest makes the next. */
  leave(): void {
    this.#calls = Math.max(0, this.#calls - 1)
    if (this.#calls === 0) this.#lead(this.#waiting[0])
  }

  /** A settlement enters, to go along with a call. Resolves with whether it was settled; who was not goes by itself. */
  ride(command: SettleCommand): Promise<boolean> {
    return new Promise(resolve => this.#enter(command, resolve))
  }

  /** Whether the next one that rides is to `drive` as well: nobody looks after those that no call takes along. */
  get needsDriver(): boolean {
    const [oldest] = this.#riders
    return !oldest || Date.now() - oldest.sinceMs > STALE_MS
  }

  /** Waits for somebody to take along who rides, and takes those that are left. */
  async drive(): Promise<Company> {
    await scheduler.wait(WAIT_MS)
    return new Company([], this.#takeRiders())
  }

  /** What has been heard of a settlement by now is all that will be: it goes by itself. */
  hurry(ref: AttemptRef): void {
    this.#unsettled.get(nameOf(ref))?.tell(false)
  }

  #enter(command: SettleCommand, resolve: (isSettled: boolean) => void): void {
    const name = nameOf(command)
    const rider: Rider = {
      command,
      sinceMs: Date.now(),
      isWaiting: true,
      tell: isSettled => {
        if (rider.isWaiting) this.#riders = this.#riders.filter(one => one !== rider)
        if (this.#unsettled.get(name) === rider) this.#unsettled.delete(name)
        resolve(isSettled)
      },
    }
    this.#riders.push(rider)
    this.#unsettled.set(name, rider)
  }

  #takeRiders(): Rider[] {
    return this.#riders.splice(0, MOST.settles)
  }

  #wait(command: MeterAdmit): Promise<Word> {
    return new Promise(resolve => {
      let timer = setTimeout(() => {
        timer = setTimeout(() => tell({ kind: 'alone' }), LOST_MS)
        this.#lead(waiting)
      }, PATIENCE_MS)
      const tell = (word: Word) => {
        clearTimeout(timer)
        resolve(word)
      }
      const waiting: Waiting = { command, tell }
      this.#waiting.push(waiting)
    })
  }

  // One that waits is to speak; one that somebody took along goes on waiting for him.
  #lead(waiting: Waiting | undefined): void {
    const at = waiting ? this.#waiting.indexOf(waiting) : -1
    if (at === -1) return
    this.#waiting.splice(at, 1)
    this.#begin()
    waiting?.tell({ kind: 'lead' })
  }

  #begin(): void {
    this.#calls += 1
    this.#begunMs = Date.now()
  }
}

function nameOf({ callId, attempt }: AttemptRef): string {
  return `${callId}/${attempt}`
}
