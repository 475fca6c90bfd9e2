import { z } from 'zod'
import { CONFIG_HASH, CONFIG_KINDS, isConfigKind } from '../../core/config/config-kind.ts'
import type { ConfigObjectRow } from '../../db/config-objects.ts'
import { PageQuery } from '../http/page.ts'
import { badParam } from '../http/query.ts'

/** The query of `GET /v1/config/objects`. */
export const ConfigObjectsQuery = z.object({ ...PageQuery.shape, kind: z.enum(CONFIG_KINDS).optional() })

/** What a configuration file last made of an object. */
export const ConfigObjectShape = z.object({
  kind: z.enum(CONFIG_KINDS),
  id: z.string(),
  config_hash: z.string().regex(CONFIG_HASH),
  applied_at: z.iso.datetime(),
})

/** The same as the API shows it. */
export function renderConfigObject(row: ConfigObjectRow): z.input<typeof ConfigObjectShape> {
  const applied_at = new Date(row.appliedMs).toISOString()
  return { kind: row.kind, id: row.objectId, config_hash: row.configHash, applied_at }
}

/** The kind that a query names, or `undefined`. Throws `request_invalid`. */
export function readKind(word: string | undefined) {
  if (!word) return undefined
  if (isConfigKind(word)) return word
  throw badParam('kind', `one of ${CONFIG_KINDS.join(', ')}`)
}
