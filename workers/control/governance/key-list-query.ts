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
  /** Asks for the keys of a team or customer, of which there are none yet. */
  isOfOwner: boolean
}

function wholeNumber(name: 'limit' | 'offset', text: string | undefined): number {
  const value = Number(text || 0)
  if (!Number.isSafeInteger(value)) throw invalid(`Invalid ${name} parameter: must be a number`)
  if (value < 0) throw invalid(`Invalid ${name} parameter: must be non-negative`)
  return value
}

/** Reads the query of the list, with Bifrost's defaults and clamps (contract 1.0). Throws `request_invalid`. */
export function readKeyListQuery(query: Record<string, string>): KeyListQuery {
  const limit = wholeNumber('limit', query.limit) || DEFAULT_LIMIT
  const offset = wholeNumber('offset', query.offset)
  return {
    search: query.search ?? '',
    sortBy: SORTS.find(name => name === query.sort_by) ?? 'created_at',
    isDescending: query.order?.toLowerCase() === 'desc',
    limit: PAGING.some(name => name in query) ? Math.min(limit, MAX_LIMIT) : -1,
    offset,
    isOfOwner: Boolean(query.team_id || query.customer_id),
  }
}
