import { PricingOverrideInput } from '../../contracts/pricing-override-input.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import { listOverrides } from '../../db/list-overrides.ts'
import type { OverridePath, OverrideRow } from '../../db/override-record.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { readJson } from '../http/read-json.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ActingPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { applyOverride } from './apply-override.ts'
import { changeOverride, saveEdit } from './change-override.ts'
import { checkNamed } from './check-named.ts'
import { renderOverride } from './render-override.ts'

/** Every key's snapshot holds those that can be of it, and every request looks through them. */
const MAX_OVERRIDES = 100

function readInput(c: ControlContext, ports: ActingPorts): Promise<PricingOverrideInput> {
  const explain = ({ issues }: { issues: { path: PropertyKey[] }[] }) =>
    issues[0]?.path[0] === 'patch' ? 'Invalid patch' : 'Invalid JSON'
  return readJson(c.req.raw, { schema: PricingOverrideInput, maxBytes: ports.maxBodyBytes, explain })
}

function pathOf(c: ControlContext): OverridePath {
  return { tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' }
}

function newOverride(tenantId: TenantId, ports: ActingPorts): OverrideRow {
  const nowMs = ports.nowMs()
  return {
    ...{ tenantId, id: ports.newId(), name: '', scopeKind: 'global' },
    ...{ virtualKeyId: null, providerId: null, providerKeyId: null },
    ...{ matchType: 'exact', pattern: '', requestTypes: [] },
    patch: {},
    rates: { base: {}, tiers: [], serviceTiers: {} },
    ...{ version: 1, createdMs: nowMs, updatedMs: nowMs },
  }
}

async function checkCount(tenantId: TenantId, ports: ActingPorts): Promise<void> {
  const { total } = await listOverrides(ports.db, { tenantId, limit: 1, offset: 0 })
  if (total >= MAX_OVERRIDES) throw invalid(`A tenant cannot have more than ${MAX_OVERRIDES} pricing overrides`)
}

/** `POST /api/governance/pricing-overrides`: in force from the next request on, and for none before it. */
export async function createOverride(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const input = await readInput(c, ports)
  const { tenantId } = c.get('principal')
  // The contract asks for both by name, and has no default for either.
  const named = { ...input, scope_kind: input.scope_kind ?? '', match_type: input.match_type ?? '' }
  const after = applyOverride(newOverride(tenantId, ports), named, ports.nowMs())
  const known = await readProviders(tenantId, ports)
  await Promise.all([checkNamed(after, known, ports), checkCount(tenantId, ports)])
  await saveEdit({ before: null, after }, ports)
  const pricing_override = renderOverride(after, known)
  const etag = etagOf(after.version)
  return c.json(
    await withConfigHashes({ message: 'Pricing override created successfully', pricing_override }, c, ports),
    201,
    { etag },
  )
}

/** `PUT /api/governance/pricing-overrides/{id}`: changes what the body names; what was charged stays as it was. */
export async function updateOverride(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const input = await readInput(c, ports)
  const path = pathOf(c)
  const known = await readProviders(path.tenantId, ports)
  const change = async (current: OverrideRow) => {
    const next = applyOverride(current, input, ports.nowMs())
    await checkNamed(next, known, ports)
    return next
  }
  const after = await changeOverride(path, change, ports)
  const pricing_override = renderOverride(after, known)
  const etag = etagOf(after.version)
  return c.json(
    await withConfigHashes({ message: 'Pricing override updated successfully', pricing_override }, c, ports),
    200,
    { etag },
  )
}

/** `DELETE /api/governance/pricing-overrides/{id}`: from the next request on, prices are as they would be without it. */
export async function deleteOverride(c: ControlContext, ports: ActingPorts): Promise<Response> {
  await changeOverride(pathOf(c), () => null, ports)
  return c.json({ message: 'Pricing override deleted successfully' })
}
