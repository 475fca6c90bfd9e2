import { createHash } from 'node:crypto'
import { usdFromNano } from '../money/nano-usd.ts'
import type { LimitAlert } from './thresholds.ts'

const iso = (ms: number) => new Date(ms).toISOString()

/** The id of an alert: of what makes it one, so that it is the same wherever it is told. */
export function alertId(tenantId: string, { limitId, startMs, threshold }: LimitAlert): string {
  const hash = createHash('sha256').update(JSON.stringify([tenantId, limitId, startMs, threshold]))
  return `alr_${hash.digest('hex').slice(0, 32)}`
}

function amountsOf({ unit, max, used }: LimitAlert) {
  return unit === 'nano_usd' ? { max_usd: usdFromNano(max), used_usd: usdFromNano(used) } : { max, used }
}

/** An alert as it is shown: dollars for money, whole units for the rest, as they were when it was noticed. */
export function toldAlert(tenantId: string, alert: LimitAlert) {
  const { limitId: limit_id, scope, unit, threshold, startMs, endMs, noticedMs } = alert
  return {
    ...{ id: alertId(tenantId, alert), limit_id, scope, unit, threshold },
    ...amountsOf(alert),
    window: { starts_at: iso(startMs), resets_at: iso(endMs) },
    noticed_at: iso(noticedMs),
  }
}
