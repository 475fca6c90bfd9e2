import { z } from 'zod'
import { type Query, wholeNumber } from './query.ts'

/** The longest list that one answer holds, in rows. */
export const MAX_PAGE = 1000
const MAX_OFFSET = 1_000_000_000_000

/** Which part of a list. */
export type Page = { limit: number; offset: number }

/** The query parameters of every `/v1` list. */
export const PageQuery = z.object({
  limit: z.int().min(1).max(MAX_PAGE).optional(),
  offset: z.int().min(0).max(MAX_OFFSET).optional(),
})

/** Reads `limit` (1 to 1000) and `offset`. Throws `request_invalid`. */
export function readPage(query: Query, otherwise = 100): Page {
  return {
    limit: wholeNumber(query, 'limit', { min: 1, max: MAX_PAGE, otherwise }),
    offset: wholeNumber(query, 'offset', { min: 0, max: MAX_OFFSET, otherwise: 0 }),
  }
}

/** The one envelope of `/v1` lists. */
export function listBody<T>(data: T[], total: number, { limit, offset }: Page) {
  return { data, pagination: { total, limit, offset, has_more: offset + data.length < total } }
}

/** The shape of a `/v1` list of these. */
export function listOf<S extends z.ZodType>(data: S) {
  const count = z.int().min(0)
  const pagination = z.object({ total: count, limit: count, offset: count, has_more: z.boolean() })
  return z.object({ data: z.array(data), pagination })
}
