import { and, type Column, eq, gt, gte, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { RecordedOutcome } from '../core/usage.ts'
import { eventIdFloor } from '../core/usage.ts'
import { usageEvent } from './schema/usage.ts'

/** Fields of an event that can be asked for by their exact value. */
export type EventFilter = {
  agent_name?: string
  user_id?: string
  provider?: string
  model?: string
  virtual_key_id?: string
  feature?: string
  team?: string
  entity_type?: string
  entity_id?: string
  request_id?: string
  success?: boolean
  outcome?: RecordedOutcome
}

/** Which of a tenant's events: calls begun in `[startMs, endMs)`, with all of these fields and all of these tags. */
export type EventQuery = {
  tenantId: TenantId
  startMs?: number
  endMs?: number
  filter: EventFilter
  tags?: Record<string, string>
  /** As it was at this instant: without what was settled later, but for what an earlier row of was there. */
  asOfMs?: number
}

function hasTags(tags: Record<string, string>): SQL {
  // One parameter for all tags, and no path to build from their names.
  return sql`NOT EXISTS (SELECT 1 FROM json_each(${JSON.stringify(tags)}) AS wanted WHERE NOT EXISTS (
    SELECT 1 FROM json_each(${usageEvent.tags}) AS tag WHERE tag.key = wanted.key AND tag.value = wanted.value))`
}

const COLUMN: Record<keyof EventFilter, Column> = usageEvent

function hasFields(filter: EventFilter): SQL[] {
  const names = Object.keys(filter) as (keyof EventFilter)[]
  return names.filter(name => filter[name] !== undefined).map(name => eq(COLUMN[name], filter[name]))
}

/** The condition on `usage_event` that a query stands for. Its range of time is a range of the primary key. */
export function eventsMatching({ tenantId, startMs, endMs, filter, tags, asOfMs }: EventQuery): SQL | undefined {
  return and(
    eq(usageEvent.tenant_id, tenantId),
    startMs === undefined ? undefined : gte(usageEvent.id, eventIdFloor(startMs)),
    endMs === undefined ? undefined : lt(usageEvent.id, eventIdFloor(endMs)),
    ...hasFields(filter),
    tags && hasTags(tags),
    asOfMs === undefined ? undefined : or(lte(usageEvent.settled_ms, asOfMs), gt(usageEvent.revision, 1)),
  )
}
