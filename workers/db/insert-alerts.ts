import type { TenantId } from '../core/access/tenant-id.ts'
import type { LimitAlert } from '../core/quota/thresholds.ts'
import type { EventsDb } from './database.ts'
import { prepared, type Statement } from './in-one-batch.ts'

// Not OR IGNORE, which would pass over a row that breaks a CHECK as well, and it would be confirmed and gone.
const INSERT_ALERTS = `
  INSERT INTO limit_alert (tenant_id, limit_id, start_ms, threshold, scope, unit, end_ms, max, used, noticed_ms)
  SELECT ?2, value ->> 'limitId', value ->> 'startMs', value ->> 'threshold', value ->> 'scope', value ->> 'unit',
    value ->> 'endMs', value ->> 'max', value ->> 'used', value ->> 'noticedMs'
  FROM json_each(?1) WHERE true
  ON CONFLICT (tenant_id, limit_id, start_ms, threshold) DO NOTHING`

/** Alerts of one tenant, to be kept. */
export type Noticed = { tenantId: TenantId; alerts: LimitAlert[] }

/**
 * Keeps a tenant's alerts. One that is there stays as it is: what was noticed first holds. `also` is run after that in the same
 * transaction; answers the rows of its statements.
 */
export async function keepAlerts(
  db: EventsDb,
  { tenantId, alerts }: Noticed,
  also: Statement[] = [],
): Promise<unknown[][]> {
  const insert = db.$client.prepare(INSERT_ALERTS).bind(JSON.stringify(alerts), tenantId)
  const results = await db.$client.batch([insert, ...also.map(statement => prepared(db, statement))])
  return results.slice(1).map(result => result.results)
}

/** The same, of which nobody is told. */
export async function insertAlerts(db: EventsDb, tenantId: TenantId, alerts: LimitAlert[]): Promise<void> {
  await keepAlerts(db, { tenantId, alerts })
}
