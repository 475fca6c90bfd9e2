import { and, eq } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { RecordedEvent } from '../core/usage.ts'
import type { EventsDb } from './database.ts'
import { usageEvent } from './schema/usage.ts'

/** A tenant's event, or `undefined` where the tenant has none of this id. */
export function findEvent(
  db: EventsDb,
  { tenantId, id }: { tenantId: TenantId; id: string },
): Promise<RecordedEvent | undefined> {
  return db
    .select()
    .from(usageEvent)
    .where(and(eq(usageEvent.tenant_id, tenantId), eq(usageEvent.id, id)))
    .get()
}
