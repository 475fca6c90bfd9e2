import { findKey } from '../../db/find-key.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ControlPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { keyNotFound } from './key-not-found.ts'
import { readKeyUsage } from './read-key-usage.ts'
import { renderKey } from './render-key.ts'

/** `GET /api/governance/virtual-keys/{id}`. */
export async function getKey(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const record = await findKey(ports.db, { tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' })
  if (!record) throw keyNotFound()
  const [usage, known] = await Promise.all([readKeyUsage(record, ports), readProviders(record.key.tenantId, ports)])
  c.header('etag', etagOf(record.key.version))
  return c.json(await withConfigHashes({ virtual_key: renderKey({ record, usage, known }) }, c, ports))
}
