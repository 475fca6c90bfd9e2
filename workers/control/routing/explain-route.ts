import { RouteQuestion } from '../../contracts/route-question.ts'
import { findKey } from '../../db/find-key.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { keyNotFound } from '../governance/key-not-found.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ControlPorts } from '../ports.ts'
import { readSkips, renderSkips } from '../rules/render-skips.ts'

function explain(): string {
  return 'Send {"virtual_key_id", "request": {...}} and, where you like, "path" and "headers".'
}

/** `POST /v1/route` for who may read policies: of a request that one of the tenant's keys would make. */
export async function explainTenantRoute(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const spec = { schema: RouteQuestion, maxBytes: ports.maxBodyBytes, explain, opaque: ['request'] }
  const question = await readJson(c.req.raw, spec)
  const id = question.virtual_key_id
  if (!id) throw new GatewayError('request_invalid', 'virtual_key_id is required.', { param: 'virtual_key_id' })
  const { tenantId } = c.get('principal')
  if (!(await findKey(ports.db, { tenantId, id }))) throw keyNotFound()
  const [told, skips] = await Promise.all([
    ports.explainRoute({ tenantId, keyId: id }, question),
    readSkips(tenantId, ports),
  ])
  const rules = told.rules.map(rule => ({ ...rule, skipped_attempts: renderSkips(rule.id, skips).attempts }))
  return c.json({ data: { ...told, rules } })
}
