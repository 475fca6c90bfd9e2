import { type AdmitDecision, admit, type Standing, standingOf } from '../../workers/core/quota/admit.ts'
import { type GrowCommand, growHold } from '../../workers/core/quota/grow.ts'
import type { LeaseAnswer, LeaseRequest, OwnerStanding } from '../../workers/core/quota/lease-protocol.ts'
import type { Need } from '../../workers/core/quota/limit.ts'
import type {
  MeterAdmission,
  MeterAdmit,
  MeterExchange,
  MeterExchangeAnswer,
  MeterGrowth,
} from '../../workers/core/quota/meter-protocol.ts'
import type { HeldSettle } from '../../workers/core/quota/settle.ts'
import type { Hold, QuotaState } from '../../workers/core/quota/state.ts'
import { tightestStandings } from '../../workers/core/quota/tightest-standings.ts'
import type { KeySnapshot } from '../../workers/core/snapshot.ts'
import { Borrower, toldStanding, type Wish } from './borrower.ts'

/** What admitting needs of its meter. `commit` makes what was decided durable; `withLedger` writes the leases as well. */
export type AdmissionPorts = {
  meter: string
  state(): QuotaState
  snapshot(): KeySnapshot | null
  commit<T>(work: () => T): Promise<T>
  withLedger<T>(work: () => T): Promise<T>
  keep: { hold(hold: Hold): void; growth(hold: Hold): void }
  /** Inside a commit; `false`: nothing is known of such an attempt. */
  settle(command: HeldSettle): boolean
  ask(scope: string, request: LeaseRequest): Promise<LeaseAnswer>
}

/** What is said of a decision; `short`: its owners have to be asked first. */
type Answer = MeterAdmission | 'short'

function toldAs(answer: MeterAdmission, { tells }: MeterAdmit): MeterAdmission {
  if (answer.kind !== 'admitted' || tells !== 'tightest') return answer
  return { ...answer, standings: tightestStandings(answer.standings) }
}

/** Decides holds: those that fit at once, those that have to borrow in turn. */
export class Admissions {
  readonly #ports: AdmissionPorts
  readonly #borrower: Borrower

  constructor(ports: AdmissionPorts) {
    this.#ports = ports
    const { meter, state, ask, withLedger: commit } = ports
    this.#borrower = new Borrower({ meter, state, ask, commit })
  }

  /** All limits or none, by a durable hold. Idempotent on call and attempt. */
  async admit(command: MeterAdmit): Promise<MeterAdmission> {
    const { admission } = await this.exchange({ admit: command, settles: [] })
    return admission
  }

  /** The same after settlements that came along, in one commit. */
  async exchange({ admit: command, settles }: MeterExchange): Promise<MeterExchangeAnswer> {
    const { first, unknown } = await this.#ports.commit(() => {
      const unknown = [...settles.keys()].filter(i => settles[i] && !this.#ports.settle(settles[i]))
      return { first: this.#answer(command), unknown }
    })
    const decide = () => this.#decide(command)
    const answer = first === 'short' ? await this.#borrow({ ...command, kind: 'admit', decide }, command.need) : first
    return { admission: toldAs(answer, command), unknown }
  }

  /** Raises a hold, on all its limits or none. Idempotent. */
  async grow(command: GrowCommand): Promise<MeterGrowth> {
    const decide = () => this.#grow(command)
    const first = await this.#ports.commit(() => this.#render(decide()))
    const answer = first === 'short' ? await this.#borrow({ ...command, kind: 'grow', decide }, command.need) : first
    if (answer.kind === 'refused' || answer.kind === 'unavailable') return answer
    return { kind: answer.kind === 'admitted' ? 'grown' : 'gone' }
  }

  /** Before lease is given back: what came free belongs to the attempt that waits. Runs inside a commit. */
  serveWaiting(): void {
    this.#borrower.serveWaiting()
  }

  // By the caller's own snapshot, or not at all.
  #answer(command: MeterAdmit): Answer {
    const snapshot = this.#ports.snapshot()
    if (snapshot?.version !== command.snapshotVersion) return { kind: 'stale', snapshot }
    return this.#render(this.#decide(command))
  }

  // Places the hold where everything fits; its row is written in the same transaction.
  #decide(command: MeterAdmit): AdmitDecision {
    const decision = admit(this.#ports.state(), this.#ports.snapshot()?.limits ?? [], command)
    if (decision.ok && decision.isNew) this.#ports.keep.hold(decision.hold)
    return decision
  }

  #grow(command: GrowCommand): AdmitDecision {
    const decision = growHold(this.#ports.state(), this.#ports.snapshot()?.limits ?? [], command)
    if (decision.ok && decision.isNew) this.#ports.keep.growth(decision.hold)
    return decision
  }

  #render(decision: AdmitDecision): Answer {
    if (decision.ok) return { kind: 'admitted', standings: decision.standings }
    if (decision.reason === 'short') return 'short'
    if (decision.reason === 'limit') {
      const { standing, needed, isRate } = decision
      return { kind: 'refused', standing, needed, isRate }
    }
    return { kind: 'settled' }
  }

  async #borrow(wish: Wish, need: Need): Promise<MeterAdmission> {
    const borrowed = await this.#borrower.borrow(wish)
    if (borrowed.kind === 'unavailable') return borrowed
    if (borrowed.kind === 'refused') return this.#refusedByOwner(borrowed.standing, need)
    const answer = this.#render(borrowed.decision)
    return answer === 'short' ? { kind: 'unavailable' } : answer
  }

  #refusedByOwner(told: OwnerStanding, need: Need): MeterAdmission {
    const snapshot = this.#ports.snapshot()
    const limit = snapshot?.limits.find(one => one.id === told.limitId)
    if (!limit) return { kind: 'stale', snapshot }
    const standing: Standing = toldStanding(standingOf(this.#ports.state(), limit, told.startMs), told)
    return { kind: 'refused', standing, needed: need[limit.unit] }
  }
}
