import { DAY_MS } from '../../db/hours.ts'
import type { Difference } from '../../db/read-hour.ts'
import type { ReconcileState } from '../../db/read-reconcile-state.ts'

/** A difference that nobody can correct stays to be seen, but an old one says nothing of how things are now. */
const STATUS_MS = 7 * DAY_MS

const isoTime = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())

function statusOf({ lastRun, kinds }: ReconcileState, nowMs: number): 'ok' | 'differences' | 'never_run' {
  if (!lastRun) return 'never_run'
  const isOpen = kinds.some(({ newestOpenMs }) => newestOpenMs !== null && newestOpenMs + STATUS_MS > nowMs)
  return isOpen ? 'differences' : 'ok'
}

function renderDifference(difference: Difference) {
  const { hour_ms, virtual_key_id, kind, subject, expected, found, first_seen_ms, corrected_ms } = difference
  return {
    ...{ hour: isoTime(hour_ms), virtual_key_id, kind, subject: subject || null },
    ...{ expected: String(expected), found: String(found) },
    ...{ first_seen_at: isoTime(first_seen_ms), corrected_at: isoTime(corrected_ms) },
  }
}

/** How a tenant's reconciliation stands, as the API shows it. `expected` and `found` are whole units of the kind, exact. */
export function renderReconcile(state: ReconcileState, nowMs: number) {
  const { lastRun, waiting, kinds, differences } = state
  return {
    status: statusOf(state, nowMs),
    last_run: lastRun
      ? {
          at: isoTime(lastRun.run_ms),
          hours_checked: lastRun.hours,
          differences_found: lastRun.differences,
          corrections_made: lastRun.corrections,
        }
      : null,
    statements_waiting: waiting.statements,
    oldest_waiting_hour: isoTime(waiting.oldestMs),
    by_kind: Object.fromEntries(kinds.map(({ kind, all, open }) => [kind, { open, corrected: all - open }])),
    data: differences.map(renderDifference),
  }
}
