import { z } from 'zod'
import type { TenantId } from '../../core/access/tenant-id.ts'
import { nanoFromUsd } from '../../core/money/nano-usd.ts'
import { EVENT_SOURCES, RECORDED_OUTCOMES } from '../../core/usage.ts'
import type { CostBounds, EventFilter, EventPlace, EventQuery } from '../../db/event-query.ts'
import { type Page, readPage } from '../http/page.ts'
import { badParam, oneOf, type Query, timeRange, wholeNumber } from '../http/query.ts'
import { readCursor } from './event-cursor.ts'

/** Parameters that are an event's own fields, as texts. */
export const TEXT_FILTERS = [
  'agent_name',
  'user_id',
  'provider',
  'model',
  'virtual_key_id',
  'entity_type',
  'entity_id',
  'feature',
  'team',
  'request_id',
] as const
const TagFilter = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
const DECIMAL = /^-?\d{1,15}(\.\d{1,9})?$/

/** How many events one answer may stream. */
export const MAX_STREAMED = 100_000

/** A page of events: from an offset, or from a place that does not move. */
export type EventPageQuery = EventQuery & EventPlace & Page

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
  const outcome = oneOf(query, 'outcome', RECORDED_OUTCOMES)
  const source = oneOf(query, 'source', EVENT_SOURCES)
  const http_status = query.status ? wholeNumber(query, 'status', { min: 100, max: 599, otherwise: 0 }) : undefined
  return {
    ...Object.fromEntries(texts),
    ...(success && { success: success === 'true' }),
    ...(outcome && { outcome }),
    ...(source && { source }),
    ...(http_status && { http_status }),
  }
}

function readNano(query: Query, param: 'min_cost' | 'max_cost'): number | undefined {
  const text = query[param]
  if (!text) return undefined
  const nano = DECIMAL.test(text) ? nanoFromUsd(Number(text)) : undefined
  if (nano !== undefined) return nano
  throw badParam(param, 'US dollars with at most 9 decimals, such as 0.05')
}

function readCost(query: Query): CostBounds | undefined {
  const [minNano, maxNano] = [readNano(query, 'min_cost'), readNano(query, 'max_cost')]
  if (minNano === undefined && maxNano === undefined) return undefined
  if (minNano !== undefined && maxNano !== undefined && maxNano < minNano) {
    throw badParam('max_cost', 'no less than min_cost')
  }
  return { ...(minNano !== undefined && { minNano }), ...(maxNano !== undefined && { maxNano }) }
}

function readPlace(query: Query): EventPlace {
  if (!query.cursor) return {}
  if (query.offset) throw badParam('offset', 'absent where there is a cursor')
  return { beforeId: readCursor(query.cursor) }
}

// A list that is streamed may be longer than a page, and is as long as it may be where nothing is said.
function readLength(query: Query, maxRows: number | undefined): Page {
  if (maxRows === undefined) return readPage(query)
  const limit = wholeNumber(query, 'limit', { min: 1, max: maxRows, otherwise: maxRows })
  return { ...readPage({ offset: query.offset }), limit }
}

/**
 * Reads the query of `GET /v1/events`, whose `limit` may be up to `maxRows` where that is given. Throws `request_invalid`, which
 * names the parameter.
 */
export function readEventQuery(query: Query, tenantId: TenantId, maxRows?: number): EventPageQuery {
  const cost = readCost(query)
  return {
    tenantId,
    ...timeRange(query),
    filter: readFilter(query),
    ...(cost && { cost }),
    ...(query.tags && { tags: readTags(query.tags) }),
    ...readLength(query, maxRows),
    ...readPlace(query),
  }
}
