import { createHash } from 'node:crypto'
import { usdFromNano } from '../../core/money/nano-usd.ts'
import type { AlertRow } from '../../db/list-alerts.ts'

const iso = (ms: number) => new Date(ms).toISOString()

/** The id of an alert: of what makes it one, so that it is the same wherever it is told. */
export function alertId({ tenant_id, limit_id, start_ms, threshold }: AlertRow): string {
  const hash = createHash('sha256').update(JSON.stringify([tenant_id, limit_id, start_ms, threshold]))
  return `alr_${hash.digest('hex').slice(0, 32)}`
}

function renderAmounts({ unit, max, used }: AlertRow) {
  return unit === 'nano_usd' ? { max_usd: usdFromNano(max), used_usd: usdFromNano(used) } : { max, used }
}

/** An alert as the API shows it: dollars for money, whole units for the rest, as they were when it was noticed. */
export function renderAlert(alert: AlertRow) {
  const { limit_id, scope, unit, threshold, start_ms, end_ms, noticed_ms } = alert
  return {
    ...{ id: alertId(alert), limit_id, scope, unit, threshold },
    ...renderAmounts(alert),
    window: { starts_at: iso(start_ms), resets_at: iso(end_ms) },
    noticed_at: iso(noticed_ms),
  }
}
