import { invalid } from './invalid.ts'

const DEFAULT_LIMIT = 25
const MAX_LIMIT = 100
const MAX_EXPORT = 10_000
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

/** The whole number that a text is, in decimal digits alone, as Go reads one; `NaN` where it is none. */
export function decimal(text: string): number {
  return /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
}

/** A `limit` or an `offset`; absent is 0. Throws `request_invalid` in the contract's words (1.0). */
export function wholeNumber(name: 'limit' | 'offset', text: string | undefined): number {
  const value = decimal(text || '0')
  if (!Number.isSafeInteger(value)) throw invalid(`Invalid ${name} parameter: must be a number`)
  if (value < 0) throw invalid(`Invalid ${name} parameter: must be non-negative`)
  return value
}

/** The contract's default and clamp for the length of a page; 0 is not given. */
export function clampLimit(limit: number): number {
  return Math.min(limit || DEFAULT_LIMIT, MAX_LIMIT)
}

// A page of an export may be all that a tenant has.
function exportLimit({ limit }: Record<string, string>): number {
  return Math.min(wholeNumber('limit', limit) || MAX_EXPORT, MAX_EXPORT)
}

/** The page that a list is asked for (contract 1.0): all of it (`limit` -1) where none of `paging` is said. Throws `request_invalid`. */
export function readPaging(
  query: Record<string, string>,
  paging: readonly string[],
): { limit: number; offset: number } {
  const limit = clampLimit(wholeNumber('limit', query.limit))
  const offset = wholeNumber('offset', query.offset)
  return { limit: paging.some(name => name in query) ? limit : -1, offset }
}

/** Reads the query of the list, with Bifrost's defaults and clamps (contract 1.0). Throws `request_invalid`. */
export function readKeyListQuery(query: Record<string, string>): KeyListQuery {
  const isExport = query.export === 'true'
  return {
    search: query.search ?? '',
    sortBy: SORTS.find(name => name === query.sort_by) ?? 'created_at',
    isDescending: query.order?.toLowerCase() === 'desc',
    ...readPaging(query, PAGING),
    ...(isExport && { limit: exportLimit(query) }),
    teamId: query.team_id,
    customerId: query.customer_id,
  }
}
