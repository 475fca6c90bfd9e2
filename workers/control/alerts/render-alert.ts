import { toldAlert } from '../../core/quota/told-alert.ts'
import type { AlertRow } from '../../db/list-alerts.ts'

/** An alert as the API shows it, which is as webhooks tell of it. */
export function renderAlert(row: AlertRow) {
  const { tenant_id, limit_id: limitId, start_ms: startMs, end_ms: endMs, noticed_ms: noticedMs } = row
  const { scope, unit, threshold, max, used } = row
  return toldAlert(tenant_id, { limitId, scope, unit, startMs, endMs, threshold, max, used, noticedMs })
}
