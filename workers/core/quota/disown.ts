import { absorbOverrun, leaseOf } from './lease.ts'
import type { QuotaState } from './state.ts'

/**
 * From now on this meter owns no limit: those of its key are lent by their budget objects, to it and to the key's other
 * meters. What was spent of them here, and is held, was never lent, so it is overrun: a debt that the owner hears of before
 * it lends anything; what a hold turns out not to need is frozen, as all is of which nothing was lent. Idempotent.
 */
export function disown(state: QuotaState): void {
  state.owns = () => false
  for (const [key, counter] of state.counters) {
    if (state.leases.has(key)) continue
    leaseOf(state, counter)
    absorbOverrun(state, counter)
  }
}
