import { z } from 'zod'

const label = z.string().min(1).max(256).nullable()

/** Whom a request is for, from its `x-` headers: at most 256 characters each, and at most 32 tags. */
export const AttributionHeaders = z.strictObject({
  'x-feature': label,
  'x-team': label,
  'x-agent-name': label,
  'x-user-id': label,
  'x-entity-type': label,
  'x-entity-id': label,
})

const Tag = z.union([z.string().max(256), z.number(), z.boolean()]).transform(String)

/** `x-weir-tags`: a JSON object of at most 32 short values; numbers and booleans are kept as text. */
export const Tags = z
  .record(z.string().min(1).max(64), Tag)
  .refine(tags => Object.keys(tags).length <= 32, 'at most 32 tags')
