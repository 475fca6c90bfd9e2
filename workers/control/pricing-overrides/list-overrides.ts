import { findOverride, listOverrides as listRows } from '../../db/list-overrides.ts'
import { readPaging } from '../governance/key-list-query.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ControlPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { overrideNotFound } from './override-not-found.ts'
import { renderOverride } from './render-override.ts'

/** `GET /api/governance/pricing-overrides`, in Bifrost's list envelope (contract 1.0 and 1.8). */
export async function listOverrides(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const { search = '', scope_kind, virtual_key_id, provider_id, provider_key_id } = c.req.query()
  const paging = readPaging(c.req.query(), ['limit', 'offset', 'search'])
  const ids = { scopeKind: scope_kind, virtualKeyId: virtual_key_id, providerKeyId: provider_key_id }
  const query = { tenantId, search, ...ids, providerId: provider_id?.toLowerCase(), ...paging }
  const [{ overrides, total }, known] = await Promise.all([listRows(ports.db, query), readProviders(tenantId, ports)])
  const shown = overrides.map(row => renderOverride(row, known))
  const limit = paging.limit < 0 ? total : paging.limit
  return c.json(
    await withConfigHashes(
      { pricing_overrides: shown, count: shown.length, total_count: total, limit, offset: paging.offset },
      c,
      ports,
    ),
  )
}

/** `GET /api/governance/pricing-overrides/{id}`, which Bifrost does not have: it answers the `ETag` that a change can name. */
export async function getOverride(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const row = await findOverride(ports.db, { tenantId, id: c.req.param('id') ?? '' })
  if (!row) throw overrideNotFound()
  const known = await readProviders(tenantId, ports)
  return c.json(await withConfigHashes({ pricing_override: renderOverride(row, known) }, c, ports), 200, {
    etag: etagOf(row.version),
  })
}
