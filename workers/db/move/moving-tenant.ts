import type { TenantId } from '../../core/access/tenant-id.ts'
import type { EventsDb } from '../database.ts'

/** That nobody moves a tenant's events away, or to here; `tenant` is an SQL expression. */
export const isAtRest = (tenant: string) =>
  `NOT EXISTS (SELECT 1 FROM moving_tenant AS moving WHERE moving.tenant_id = ${tenant})`

/** Has what is done of all tenants leave one alone, here. Repeating it changes nothing. */
export async function markMoving(db: EventsDb, tenantId: TenantId): Promise<void> {
  await db.$client.prepare('INSERT OR IGNORE INTO moving_tenant (tenant_id) VALUES (?1)').bind(tenantId).run()
}

/** Ends that. */
export async function markAtRest(db: EventsDb, tenantId: TenantId): Promise<void> {
  await db.$client.prepare('DELETE FROM moving_tenant WHERE tenant_id = ?1').bind(tenantId).run()
}
