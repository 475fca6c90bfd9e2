import { z } from 'zod'
import { ROLES } from '../../core/access/role.ts'
import { SCOPES, type Scope } from '../../core/access/scope.ts'
import type { ApiKeyRow } from '../../db/find-api-key.ts'
import { shownKeyId } from './api-key-id.ts'

const time = z.iso.datetime()

/** An API key as lists show it: never its text. */
export const ApiKeyShape = z.object({
  id: z.string().regex(/^key_/),
  name: z.string(),
  prefix: z.string().meta({ description: 'How the text of the key begins.' }),
  role: z.enum(ROLES),
  scopes: z.array(z.enum(SCOPES as readonly [Scope, ...Scope[]])),
  created_by: z.string(),
  created_at: time,
  expires_at: time.nullable(),
  last_used_at: time.nullable().meta({ description: 'True to a minute.' }),
})

/** The answer to the creation of one, the only one that holds its text. */
export const NewApiKeyShape = z.object({ ...ApiKeyShape.shape, key: z.string() })

const isoTime = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())

/** An API key as the API shows it. */
export function renderApiKey(row: ApiKeyRow): z.input<typeof ApiKeyShape> {
  return {
    id: shownKeyId(row.id),
    name: row.name,
    prefix: row.prefix,
    role: row.role,
    scopes: row.scopes,
    created_by: row.createdBy,
    created_at: new Date(row.createdMs).toISOString(),
    expires_at: isoTime(row.expiresMs),
    last_used_at: isoTime(row.lastUsedMs),
  }
}
