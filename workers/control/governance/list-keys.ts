import type { TenantId } from '../../core/access/tenant-id.ts'
import type { KeyRecord } from '../../db/key-record.ts'
import { listKeys } from '../../db/list-keys.ts'
import type { ControlContext } from '../http/env.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ControlPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { type KeyListQuery, readKeyListQuery } from './key-list-query.ts'
import { readKeyUsage } from './read-key-usage.ts'
import { renderKey, type ShownKey } from './render-key.ts'

type Page = { keys: ShownKey[]; total: number }

async function withUsage(tenantId: TenantId, records: KeyRecord[], ports: ControlPorts): Promise<ShownKey[]> {
  const known = await readProviders(tenantId, ports)
  return Promise.all(records.map(async record => ({ record, known, usage: await readKeyUsage(record, ports) })))
}

function spentNano({ record, usage }: ShownKey): number {
  return Math.max(0, ...record.budgets.map(row => usage.get(row.id)?.used ?? 0))
}

// What was spent is known to the meters alone, so that all of them are asked before the first key is known.
async function pageBySpending(tenantId: TenantId, query: KeyListQuery, ports: ControlPorts): Promise<Page> {
  const { isDescending, limit, offset } = query
  const all = { ...query, tenantId, sortBy: 'created_at', isDescending: false, limit: -1, offset: 0 } as const
  const { records, total } = await listKeys(ports.db, all)
  const sign = isDescending ? -1 : 1
  const keys = (await withUsage(tenantId, records, ports)).sort((a, b) => sign * (spentNano(a) - spentNano(b)))
  return { keys: keys.slice(offset, offset + limit), total }
}

async function pageOf(tenantId: TenantId, query: KeyListQuery, ports: ControlPorts): Promise<Page> {
  const { sortBy } = query
  if (sortBy === 'budget_spent') return pageBySpending(tenantId, query, ports)
  const { records, total } = await listKeys(ports.db, { ...query, tenantId, sortBy })
  return { keys: await withUsage(tenantId, records, ports), total }
}

/** `GET /api/governance/virtual-keys`, in Bifrost's list envelope (contract 1.0). */
export async function listVirtualKeys(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = readKeyListQuery(c.req.query())
  const { keys, total } = await pageOf(c.get('principal').tenantId, query, ports)
  const limit = query.limit < 0 ? total : query.limit
  const page = { count: keys.length, total_count: total, limit, offset: query.offset }
  return c.json(await withConfigHashes({ virtual_keys: keys.map(renderKey), ...page }, c, ports))
}
