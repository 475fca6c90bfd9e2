import { type AdmitDecision, standingOf } from './admit.ts'
import { noteDemand, shortagesOf, unpin } from './lease.ts'
import { isBinding, type Limit, type Need, type TokenBound } from './limit.ts'
import { attemptKey, type Charge, counterOf, type Hold, type QuotaState } from './state.ts'

/** An attempt that needs more than it holds: `need` and `bound` are what it shall hold in all. */
export type GrowCommand = { callId: string; attempt: number; nowMs: number; need: Need; bound: TokenBound }

type Growth = { limit: Limit; charge: Charge; more: number }

function growthsOf(hold: Hold, limits: Limit[], need: Need): Growth[] {
  return hold.charges.flatMap(charge => {
    const limit = limits.find(one => one.id === charge.limitId)
    const more = need[charge.unit] - charge.amount
    return limit && more > 0 ? [{ limit, charge, more }] : []
  })
}

function enlarge(state: QuotaState, hold: Hold, { need, bound }: GrowCommand): void {
  for (const charge of hold.charges) {
    const more = Math.max(0, need[charge.unit] - charge.amount)
    counterOf(state, charge).held += more
    charge.amount += more
  }
  hold.need = need
  hold.bound = bound
}

/**
 * Raises a hold, on all its limits or none, in the windows in which it was admitted. Idempotent: a hold that is as large
 * already is left as it is. A limit that no longer exists is nobody's to refuse.
 */
export function growHold(state: QuotaState, limits: Limit[], command: GrowCommand): AdmitDecision {
  const key = attemptKey(command.callId, command.attempt)
  const hold = state.holds.get(key)
  if (!hold) return { ok: false, reason: 'gone' }
  const growths = growthsOf(hold, limits, command.need)
  const standings = growths.map(({ limit, charge }) => standingOf(state, limit, charge.startMs))
  if (growths.length === 0 && hold.need.nano_usd >= command.need.nano_usd) {
    return { ok: true, hold, isNew: false, standings }
  }
  for (const [i, { limit, more }] of growths.entries()) {
    const standing = standings[i]
    if (!standing || !state.owns(limit.scope) || !isBinding(limit)) continue
    if (standing.settled + standing.held + more > standing.max)
      return { ok: false, reason: 'limit', standing, needed: more, isRate: false }
  }
  const wanted = growths
    .filter(({ limit }) => !state.owns(limit.scope))
    .map(({ limit, charge, more }) => ({ limit, charge: { ...charge, amount: more } }))
  const shortages = shortagesOf(state, wanted, key)
  if (shortages.length > 0) return { ok: false, reason: 'short', shortages, charges: wanted }
  enlarge(state, hold, command)
  unpin(state, hold)
  noteDemand(state, wanted)
  return { ok: true, hold, isNew: true, standings }
}
