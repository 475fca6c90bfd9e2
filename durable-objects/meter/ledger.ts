import { placeHold } from '../../workers/core/quota/admit.ts'
import { counterKey } from '../../workers/core/quota/counter-key.ts'
import type { HourBook } from '../../workers/core/quota/hour-totals.ts'
import { emptyState, type QuotaState, type SettledMarks } from '../../workers/core/quota/state.ts'
import { HOUR_MS, hourOf } from '../../workers/core/window/hour.ts'
import { RecentMarks } from './recent-marks.ts'
import type { Ledger, Statements } from './statements.ts'

// A mark's row is written with its event, in the same transaction as the decision.
function marksIn(sql: Statements): SettledMarks {
  const recent = new RecentMarks(sql.attempts.lastStartMs() + 1)
  return {
    get(key) {
      const slash = key.indexOf('/')
      const callId = key.slice(0, slash)
      if (recent.knows(callId)) return recent.get(key)
      return recent.get(key) ?? sql.attempts.settled(callId, Number(key.slice(slash + 1)))?.mark
    },
    set: (key, mark) => recent.set(key, mark),
  }
}

// Calls that began in an hour in which nobody counted yet are in no total, so nothing may be said of that hour.
function hoursIn(sql: Statements, ledger: Ledger | undefined): HourBook {
  const sinceMs = ledger ? (ledger.hoursSinceMs ?? hourOf(ledger.latestMs) + HOUR_MS) : 0
  const open = new Map((ledger?.hours ?? []).map(totals => [totals.hourMs, totals]))
  return { sinceMs, open, stated: sql.hourTotals }
}

/** The state as storage has it. `held` is counted anew from the holds, so it can never disagree with them. */
export function loadState(sql: Statements): QuotaState {
  const ledger = sql.ledger()
  const state = emptyState(marksIn(sql))
  if (ledger) {
    state.lastSeq = ledger.lastSeq
    state.latestMs = ledger.latestMs
    for (const counter of ledger.counters) {
      state.counters.set(counterKey(counter), { ...counter, held: 0 })
    }
  }
  for (const lease of ledger?.leases ?? []) state.leases.set(counterKey(lease), lease)
  state.reportRevision = ledger?.reportRevision ?? 0
  state.hours = hoursIn(sql, ledger)
  for (const hold of sql.attempts.holds()) placeHold(state, hold)
  return state
}

/** Writes counters, leases, open hours and sequence numbers; holds and events have rows of their own. */
export function saveLedger(sql: Statements, state: QuotaState, confirmedSeq: number): void {
  const counters = [...state.counters.values()].filter(one => one.settled !== 0 || one.alerted !== undefined)
  const leases = [...state.leases.values()]
  const hours = { hours: [...state.hours.open.values()], hoursSinceMs: state.hours.sinceMs }
  const { lastSeq, latestMs, reportRevision } = state
  sql.writeLedger({ counters, leases, ...hours, reportRevision, lastSeq, confirmedSeq, latestMs })
}
