import type { ConfigKind } from '../../core/config/config-kind.ts'
import { findConfigHashes } from '../../db/find-config-hashes.ts'
import type { ControlPorts } from '../ports.ts'
import type { ControlContext } from './env.ts'

/** What has a `config_hash` under `/api`, in answers of its own or in another's. */
const SHOWN: readonly ConfigKind[] = [
  ...(['virtual_key', 'team', 'customer', 'model_config', 'limit'] as const),
  ...(['routing_rule', 'pricing_override', 'mcp_client'] as const),
]

type Shown = { config_hash: string; id?: string; client_id?: string }

function hashedIn(value: unknown): Shown[] {
  if (typeof value !== 'object' || value === null) return []
  const within = Object.values(value).flatMap(hashedIn)
  return 'config_hash' in value && value.config_hash === '' ? [value as Shown, ...within] : within
}

const idOf = ({ id, client_id }: Shown) => id ?? client_id ?? ''

/**
 * An answer in the contract's shapes with the `config_hash` of each object that a configuration file made; of all others it
 * stays empty. One read, whatever there is in the answer.
 */
export async function withConfigHashes<T>(body: T, c: ControlContext, { db }: Pick<ControlPorts, 'db'>): Promise<T> {
  const shown = hashedIn(body)
  const ids = [...new Set(shown.map(idOf))]
  if (ids.length === 0) return body
  const { tenantId } = c.get('principal')
  const hashes = await findConfigHashes(db, { tenantId, kinds: SHOWN, ids })
  for (const one of shown) one.config_hash = hashes.get(idOf(one)) ?? ''
  return body
}
