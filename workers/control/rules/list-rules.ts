import { listRules as listRows, type RuleQuery } from '../../db/find-rules.ts'
import { invalid } from '../governance/invalid.ts'
import { clampLimit, wholeNumber } from '../governance/key-list-query.ts'
import type { ControlContext } from '../http/env.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ControlPorts } from '../ports.ts'
import { readRuleScope } from './apply-rule.ts'
import { renderRule } from './render-rule.ts'

function ownerOf({ scope: word, scope_id: scopeId = '' }: Record<string, string>): RuleQuery['owner'] {
  if (!word) return undefined
  const scope = readRuleScope(word)
  if (scope === 'global') return { scope, scopeId: '' }
  if (!scopeId) throw invalid('Failed to get routing rules: scope_id is required when scope is not global')
  return { scope, scopeId }
}

/** `GET /api/governance/routing-rules`, in Bifrost's list envelope (contract 1.0, 1.7). */
export async function listRules(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = c.req.query()
  const isPaged = ['limit', 'offset', 'search'].some(name => name in query)
  const [size, offset] = [clampLimit(wholeNumber('limit', query.limit)), wholeNumber('offset', query.offset)]
  const page = { search: query.search ?? '', owner: ownerOf(query), limit: isPaged ? size : -1, offset }
  const { rules, total } = await listRows(ports.db, { tenantId: c.get('principal').tenantId, ...page })
  const counts = { count: rules.length, total_count: total, limit: isPaged ? size : total, offset }
  return c.json(await withConfigHashes({ rules: rules.map(renderRule), ...counts }, c, ports))
}
