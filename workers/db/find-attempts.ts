import { and, asc, eq, gte, lt } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { RecordedEvent } from '../core/usage.ts'
import type { EventsDb } from './database.ts'
import { usageEvent } from './schema/usage.ts'

/** All attempts of the request that an event is of, in their order: their ids begin alike, so they are a range of the key. */
export function findAttempts(
  db: EventsDb,
  { tenantId, id }: { tenantId: TenantId; id: string },
): Promise<RecordedEvent[]> {
  const stem = id.slice(0, id.lastIndexOf('_'))
  return db
    .select()
    .from(usageEvent)
    .where(and(eq(usageEvent.tenant_id, tenantId), gte(usageEvent.id, `${stem}_`), lt(usageEvent.id, `${stem}_:`)))
    .orderBy(asc(usageEvent.attempt))
}
