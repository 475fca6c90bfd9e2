import { z } from 'zod'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { EventFilter, EventQuery } from '../../db/event-query.ts'
import { readPage } from '../http/page.ts'
import { badParam, oneOf, type Query, timeRange } from '../http/query.ts'

const TEXT_FILTERS = [
  'agent_name',
  'user_id',
  'provider',
  'model',
  'virtual_key_id',
  'feature',
  'team',
  'request_id',
] as const
const OUTCOMES = ['ok', 'estimated', 'assumed', 'provider_error', 'unreachable', 'correction'] as const
const TagFilter = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))

function readTags(text: string): Record<string, string> {
  try {
    return TagFilter.parse(JSON.parse(text))
  } catch {
    throw badParam('tags', 'a JSON object of texts, such as {"department":"research"}')
  }
}

function readFilter(query: Query): EventFilter {
  const texts = TEXT_FILTERS.flatMap(name => (query[name] ? [[name, query[name]]] : []))
  const success = oneOf(query, 'success', ['true', 'false'])
  const outcome = oneOf(query, 'outcome', OUTCOMES)
  return {
    ...Object.fromEntries(texts),
    ...(success && { success: success === 'true' }),
    ...(outcome && { outcome }),
  }
}

/** Reads the query of `GET /v1/events`. Throws `request_invalid`, which names the parameter. */
export function readEventQuery(query: Query, tenantId: TenantId): EventQuery & { limit: number; offset: number } {
  return {
    tenantId,
    ...timeRange(query),
    filter: readFilter(query),
    ...(query.tags && { tags: readTags(query.tags) }),
    ...readPage(query),
  }
}
