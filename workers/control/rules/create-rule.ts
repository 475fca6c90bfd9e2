import type { TenantId } from '../../core/access/tenant-id.ts'
import type { RuleRow } from '../../db/save-rule.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { applyRule } from './apply-rule.ts'
import { readRuleInput } from './read-rule-input.ts'
import { renderRule } from './render-rule.ts'
import { saveAndPush } from './save-and-push.ts'

function blank(tenantId: TenantId, ports: ControlPorts): RuleRow {
  const nowMs = ports.nowMs()
  return {
    ...{ tenantId, id: ports.newId(), name: '', description: '', enabled: true, expression: '' },
    ...{ targets: [], fallbacks: [], query: null, scope: 'global', scopeId: '' },
    ...{ isChained: false, priority: 0, version: 0, createdMs: nowMs, updatedMs: nowMs },
  }
}

/** `POST /api/governance/routing-rules`. */
export async function createRule(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const { input, by } = await readRuleInput(c, ports)
  const after = applyRule(blank(c.get('principal').tenantId, ports), input, by)
  const rule = await retryWhileStale(() => saveAndPush({ before: null, after, verb: 'create' }, ports))
  const body = { message: 'Routing rule created successfully', rule: renderRule(rule) }
  return c.json(await withConfigHashes(body, c, ports), 200, { etag: etagOf(rule.version) })
}
