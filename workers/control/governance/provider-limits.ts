import { LimitsInput } from '../../contracts/virtual-key-input.ts'
import { listLimitRows } from '../../db/list-limit-rows.ts'
import type { ScopePath, ScopeRecord } from '../../db/scope-record.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { changeScope, type ScopeEdit } from './change-scope.ts'
import { explainFlaw } from './explain-flaw.ts'
import { applyToScope, showScope } from './governed-scope.ts'

const PREFIX = 'provider:'

async function providerScope(c: ControlContext, ports: ControlPorts): Promise<ScopePath> {
  const asked = (c.req.param('name') ?? '').toLowerCase()
  const { names } = await readProviders(c.get('principal').tenantId, ports)
  const name = names.find(provider => provider.toLowerCase() === asked)
  if (name === undefined) throw new GatewayError('not_found', 'Provider not found')
  return { tenantId: c.get('principal').tenantId, scope: `${PREFIX}${name}` }
}

function editOf({ scope }: ScopePath, verb: 'update' | 'delete', change: ScopeEdit['change']): ScopeEdit {
  const resource = { type: 'provider', id: scope.slice(PREFIX.length) }
  return { change, action: `provider_limits.${verb}`, resource }
}

async function showProvider(record: ScopeRecord, ports: ControlPorts) {
  return { provider: record.scope.slice(PREFIX.length), ...(await showScope(record, ports)) }
}

/** `GET /api/governance/providers`: those that have limits; `null` for none, as in the contract. */
export async function listProviders(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const rows = await listLimitRows(ports.db, { tenantId, prefix: PREFIX })
  const scopes = [...new Set([...rows.budgets, ...rows.rateLimits].map(row => row.scope))].sort()
  const records = scopes.map(scope => {
    const budgets = rows.budgets.filter(row => row.scope === scope)
    return { tenantId, scope, version: 0, budgets, rateLimits: rows.rateLimits.filter(row => row.scope === scope) }
  })
  const providers = await Promise.all(records.map(record => showProvider(record, ports)))
  return c.json(
    await withConfigHashes({ providers: providers.length > 0 ? providers : null, count: providers.length }, c, ports),
  )
}

/** `PUT /api/governance/providers/{name}`: changes what the body names, and nothing else. */
export async function updateProvider(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const path = await providerScope(c, ports)
  const input = await readJson(c.req.raw, { schema: LimitsInput, maxBytes: ports.maxBodyBytes, explain: explainFlaw })
  const after = await changeScope(
    path,
    editOf(path, 'update', current => applyToScope(current, input, ports)),
    ports,
  )
  const provider = await showProvider(after, ports)
  return c.json(await withConfigHashes({ message: 'Provider governance updated successfully', provider }, c, ports))
}

/** `DELETE /api/governance/providers/{name}`: takes all of the provider's own limits away. */
export async function deleteProvider(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const path = await providerScope(c, ports)
  await changeScope(
    path,
    editOf(path, 'delete', () => ({ budgets: [], rateLimits: [] })),
    ports,
  )
  return c.json({ message: 'Provider governance deleted successfully' })
}
