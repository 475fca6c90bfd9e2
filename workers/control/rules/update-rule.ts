import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ActingPorts } from '../ports.ts'
import { applyRule } from './apply-rule.ts'
import { readRuleInput } from './read-rule-input.ts'
import { renderRule } from './render-rule.ts'
import { changeRule } from './save-and-push.ts'

/** `PUT /api/governance/routing-rules/{id}`: changes what the body names; `targets` replaces all of them. */
export async function updateRule(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const { input, by } = await readRuleInput(c, ports)
  const path = { tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' }
  const rule = await changeRule(path, { verb: 'update', change: current => applyRule(current, input, by) }, ports)
  const body = { message: 'Routing rule updated successfully', rule: renderRule(rule) }
  return c.json(await withConfigHashes(body, c, ports), 200, { etag: etagOf(rule.version) })
}
