import { and, type Column, eq, gt, gte, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { EventSource, RecordedOutcome } from '../core/usage.ts'
import { eventIdFloor } from '../core/usage.ts'
import { usageEvent } from './schema/usage.ts'

/** Fields of an event that can be asked for by their exact value. */
export type EventFilter = {
  agent_name?: string
  user_id?: string
  provider?: string
  model?: string
  virtual_key_id?: string
  entity_type?: string
  entity_id?: string
  feature?: string
  team?: string
  request_id?: string
  success?: boolean
  outcome?: RecordedOutcome
  http_status?: number
  source?: EventSource
}

/** Bounds of what an event cost, in nano-dollars, both inclusive. */
export type CostBounds = { minNano?: number; maxNano?: number }

/** Which of a tenant's events: calls begun in `[startMs, endMs)`, with all of these fields and all of these tags. */
export type EventQuery = {
  tenantId: TenantId
  startMs?: number
  endMs?: number
  filter: EventFilter
  cost?: CostBounds
  tags?: Record<string, string>
  /** As it was at this instant: without what was settled later, but for what an earlier row of was there. */
  asOfMs?: number
}

/** A place among a tenant's events in the order of their ids: those before it, and those after it, exclusive. */
export type EventPlace = { beforeId?: string; afterId?: string }

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

/** The condition that is a range of the primary key: the tenant, the range of time, and the place. */
export function eventsInRange({ tenantId, startMs, endMs, beforeId, afterId }: EventQuery & EventPlace) {
  return and(
    eq(usageEvent.tenant_id, tenantId),
    startMs === undefined ? undefined : gte(usageEvent.id, eventIdFloor(startMs)),
    endMs === undefined ? undefined : lt(usageEvent.id, eventIdFloor(endMs)),
    beforeId === undefined ? undefined : lt(usageEvent.id, beforeId),
    afterId === undefined ? undefined : gt(usageEvent.id, afterId),
  )
}

/** The condition on what events are, wherever they are; `undefined`: any will do. */
export function eventsHaving({ filter, cost = {}, tags, asOfMs }: EventQuery): SQL | undefined {
  return and(
    ...hasFields(filter),
    cost.minNano === undefined ? undefined : gte(usageEvent.cost_nano, cost.minNano),
    cost.maxNano === undefined ? undefined : lte(usageEvent.cost_nano, cost.maxNano),
    tags && hasTags(tags),
    asOfMs === undefined ? undefined : or(lte(usageEvent.settled_ms, asOfMs), gt(usageEvent.revision, 1)),
  )
}

/** The condition on `usage_event` that a query stands for. Its range of time is a range of the primary key. */
export function eventsMatching(query: EventQuery & EventPlace): SQL | undefined {
  return and(eventsInRange(query), eventsHaving(query))
}
