import { ComplexityInput } from '../../contracts/complexity-input.ts'
import { readBody } from '../../contracts/read-body.ts'
import type { ComplexityConfig } from '../../core/rules/complexity.ts'
import { DEFAULT_COMPLEXITY } from '../../core/rules/default-complexity.ts'
import { findComplexity, saveComplexity } from '../../db/complexity-config.ts'
import { auditRow } from '../audit/audit-row.ts'
import { invalid } from '../governance/invalid.ts'
import { putScopeInForce } from '../governance/put-scope-in-force.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import type { ControlContext } from '../http/env.ts'
import { checkIfMatch, etagOf } from '../http/etag.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { applyComplexity } from './apply-complexity.ts'
import { renderComplexity } from './render-complexity.ts'

/** There is one of each tenant. */
const RESOURCE = { type: 'complexity_config', id: 'complexity-analyzer-config' }

/** `GET /api/governance/complexity-analyzer-config`: what holds, whether the tenant said it or not. */
export async function getComplexity(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const row = await findComplexity(ports.db, c.get('principal').tenantId)
  return c.json(renderComplexity(row?.body ?? DEFAULT_COMPLEXITY), 200, { etag: etagOf(row?.version ?? 0) })
}

/** What is to be stored of what holds; `null`: the defaults again. */
type Edit = { verb: 'update' | 'reset'; edit(current: ComplexityConfig): ComplexityConfig | null }

async function change(c: ControlContext, { verb, edit }: Edit, ports: ActingPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const row = await retryWhileStale(async () => {
    const stored = await findComplexity(ports.db, tenantId)
    checkIfMatch(stored?.version ?? 0, ports)
    const before = stored?.body ?? DEFAULT_COMPLEXITY
    const body = edit(before)
    const next = { tenantId, body, version: (stored?.version ?? 0) + 1, updatedMs: ports.nowMs() }
    const told = { action: `complexity_config.${verb}`, before, after: body ?? DEFAULT_COMPLEXITY } as const
    const audit = auditRow(tenantId, { ...told, resource: RESOURCE }, ports)
    const keys = await saveComplexity(ports.db, next, audit)
    if (!keys) return undefined
    await putScopeInForce({ tenantId, scopes: [], keys }, ports)
    return next
  })
  return c.json(renderComplexity(row.body ?? DEFAULT_COMPLEXITY), 200, { etag: etagOf(row.version) })
}

/** `PUT /api/governance/complexity-analyzer-config`: changes what the body names; a list takes the place of its list. */
export async function updateComplexity(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const spec = { schema: ComplexityInput, maxBytes: ports.maxBodyBytes, explain: () => 'Invalid JSON' }
  const input = await readJson(c.req.raw, spec)
  return change(c, { verb: 'update', edit: current => applyComplexity(current, input) }, ports)
}

// What is meant for `PUT` and sent here would otherwise be lost in silence.
async function refuseBody(c: ControlContext, ports: ActingPorts): Promise<void> {
  const { text } = await readBody(c.req.raw, ports.maxBodyBytes)
  if (/^\s*(\{\s*\})?\s*$/.test(text)) return
  throw invalid('reset takes no body: send what is to be changed with PUT to the address above')
}

/** `POST /api/governance/complexity-analyzer-config/reset`: the defaults, also those of releases to come. */
export async function resetComplexity(c: ControlContext, ports: ActingPorts): Promise<Response> {
  await refuseBody(c, ports)
  return change(c, { verb: 'reset', edit: () => null }, ports)
}
