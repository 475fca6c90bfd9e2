import type { LeaseAsk, LeaseGrant, LeaseRequest } from './lease-protocol.ts'
import { isBinding, type Limit, maxIn } from './limit.ts'
import { accountOf, activeMeters, freeOf, grant, meterIn, type OwnerAccount, type OwnerState } from './owner.ts'

/** How many of a request's need a first lease holds, while there is plenty. */
const NEEDS_PER_LEASE = 64
/** For how long a lease should last a meter at its recent demand, in seconds. */
const LEASE_SECONDS = 30

/** What one ask comes to: how much more the meter needs of which account. */
export type Lending = { ask: LeaseAsk; limit: Limit; account: OwnerAccount; wanted: number }

// What the meter gave back since it asked, it lacks now as well; but nobody lacks more than he needs.
function wantedBy(ask: LeaseAsk, account: OwnerAccount, meter: string): number {
  const { granted, returned } = meterIn(account, meter)
  const wanted = ask.target - granted + (returned - ask.returned)
  return Math.min(ask.need, Math.max(0, wanted))
}

const isMoney = ({ limit }: Lending) => Number(limit.unit === 'nano_usd')

/**
 * What a request comes to now, rates before money: the first that lacks is the one that refuses. A limit that no longer exists
 * is nobody's to refuse: it is left out.
 */
export function lendingsOf(state: OwnerState, limits: Limit[], { meter, asks }: LeaseRequest): Lending[] {
  const lendings = asks.flatMap(ask => {
    const limit = limits.find(one => one.id === ask.limitId)
    if (!limit) return []
    const account = accountOf(state, ask)
    return [{ ask, limit, account, wanted: wantedBy(ask, account, meter) }]
  })
  return lendings.sort((a, b) => isMoney(a) - isMoney(b))
}

/** Whether a limit may refuse it: it keeps something, and something of it is lacking. */
export function isBound({ limit, wanted }: Lending): boolean {
  return wanted > 0 && isBinding(limit)
}

/** For whom is lent, and when. `isShort`: others wait for the same, so that nobody gets more than he needs. */
export type LendTo = { meter: string; nowMs: number; isShort: boolean }

// Enough to be asked rarely, but never more than a half of an even share: so the end of a limit is exact.
function extraFor({ ask, limit, account }: Lending, { nowMs, isShort }: LendTo): number {
  if (isShort) return 0
  const wish = Math.max(NEEDS_PER_LEASE * ask.need, Math.ceil(LEASE_SECONDS * ask.demandPerSecond))
  if (!isBinding(limit)) return wish
  const share = Math.floor(freeOf(account, maxIn(limit, account)) / (2 * activeMeters(account, nowMs)))
  return Math.max(0, Math.min(wish, share))
}

/**
 * Lends what is wanted, which the caller knows to be free, and somewhat more. Answers with the total, so that a grant whose
 * answer was lost is learned at the next ask, and a request that is repeated is granted once.
 */
export function lend(lending: Lending, to: LendTo): LeaseGrant {
  const { ask, limit, account, wanted } = lending
  if (wanted > 0) {
    grant(account, to.meter, wanted)
    grant(account, to.meter, extraFor(lending, to))
  }
  const { limitId, startMs, endMs } = ask
  return { limitId, startMs, endMs, granted: meterIn(account, to.meter).granted, max: maxIn(limit, ask) }
}
