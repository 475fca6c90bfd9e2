import { invalid } from './invalid.ts'

const DEFAULT_LIMIT = 25
const MAX_LIMIT = 100
const PAGING = [
  'limit',
  'offset',
  'search',
  'customer_id',
  'team_id',
  'sort_by',
  'export',
  'exclude_access_profile_managed_virtual',
]
const SORTS = ['name', 'budget_spent', 'created_at', 'status'] as const

/** How a list of keys is asked for. `limit` -1: all of them, which is the answer to a list without any paging parameter. */
export type KeyListQuery = {
  search: string
  sortBy: (typeof SORTS)[number]
  isDescending: boolean
  limit: number
  offset: number
  teamId: string | undefined
  customerId: string | undefined
}

/** A `limit` or an `offset`; absent is 0. Throws `request_invalid` in the contract's words (1.0). */
export function wholeNumber(name: 'limit' | 'offset', text: string | undefined): number {
  const value = Number(text || 0)
  if (!Number.isSafeInteger(value)) throw invalid(`Invalid ${name} parameter: must be a number`)
  if (value < 0) throw invalid(`Invalid ${name} parameter: must be non-negative`)
  return value
}

/** The contract's default and clamp for the length of a page; 0 is not given. */
export function clampLimit(limit: number): number {
  return Math.min(limit || DEFAULT_LIMIT, MAX_LIMIT)
}

/** Reads the query of the list, with Bifrost's defaults and clamps (contract 1.0). Throws `request_invalid`. */
export function readKeyListQuery(query: Record<string, string>): KeyListQuery {
  const limit = clampLimit(wholeNumber('limit', query.limit))
  const offset = wholeNumber('offset', query.offset)
  return {
    search: query.search ?? '',
    sortBy: SORTS.find(name => name === query.sort_by) ?? 'created_at',
    isDescending: query.order?.toLowerCase() === 'desc',
    limit: PAGING.some(name => name in query) ? limit : -1,
    offset,
    teamId: query.team_id,
    customerId: query.customer_id,
  }
}
