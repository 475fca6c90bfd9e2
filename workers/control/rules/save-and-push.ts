import { findKey } from '../../db/find-key.ts'
import { countRules, findRule, type RulePath } from '../../db/find-rules.ts'
import { type RuleRow, saveRule } from '../../db/save-rule.ts'
import type { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import { findNamed } from '../governance/apply-owner.ts'
import { invalid, nameTaken } from '../governance/invalid.ts'
import { putScopeInForce } from '../governance/put-scope-in-force.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import { checkIfMatch } from '../http/etag.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { ruleNotFound } from './rule-not-found.ts'

/** A key's snapshot holds all that can apply to it: its own, and those of its team, its customer and the tenant. */
const MAX_RULES = 50

/** A rule before and after a change. `verb`: what the audit trail calls it, and the words of a refusal. */
export type RuleEdit = { before: RuleRow | null; after: RuleRow; verb: 'create' | 'update' | 'delete' }

async function hasOwner({ tenantId, scope, scopeId: id }: RuleRow, ports: ControlPorts): Promise<boolean> {
  if (scope === 'global') return true
  if (scope === 'virtual_key') return (await findKey(ports.db, { tenantId, id })) !== undefined
  return (await findNamed(scope, { tenantId, id }, ports)) !== null
}

async function checkOwner({ before, after }: RuleEdit, ports: ControlPorts): Promise<void> {
  if (before?.scope === after.scope && before.scopeId === after.scopeId) return
  if (!(await hasOwner(after, ports))) throw invalid(`${after.scope} not found: ${after.scopeId}`)
  if ((await countRules(ports.db, after)) < MAX_RULES) return
  throw invalid(`a scope cannot have more than ${MAX_RULES} routing rules`)
}

function priorityTaken({ after, verb }: RuleEdit): GatewayError {
  const { priority, scope } = after
  const detail = `routing rule with priority ${priority} already exists for scope '${scope}'`
  return invalid(`Failed to ${verb} routing rule: ${detail}`)
}

function auditOf({ before, after, verb }: RuleEdit, ports: ActingPorts) {
  const resource = { type: 'routing_rule', id: after.id }
  const rows = { before, after: verb === 'delete' ? null : after }
  return auditRow(after.tenantId, { action: `routing_rule.${verb}`, resource, ...rows }, ports)
}

/**
 * Writes a rule, or deletes it, and puts it in force at every key that it can apply to; `undefined` where it was changed meanwhile
 * and must be read again. Throws `request_invalid` and `change_pending`.
 */
export async function saveAndPush(edit: RuleEdit, ports: ActingPorts): Promise<RuleRow | undefined> {
  const { before, after, verb } = edit
  if (verb !== 'delete') await checkOwner(edit, ports)
  const audit = auditOf(edit, ports)
  const saved = await saveRule(ports.db, { before, after, isDeleted: verb === 'delete', audit })
  if (saved.kind === 'name_taken') throw nameTaken()
  if (saved.kind === 'priority_taken') throw priorityTaken(edit)
  if (saved.kind !== 'saved') return undefined
  await putScopeInForce({ tenantId: after.tenantId, scopes: [], keys: saved.keys }, ports)
  return { ...after, version: after.version + 1 }
}

/**
 * Changes a rule as `change` says, in D1 and in force; who lost a race reads again. Throws `not_found`, `precondition_failed`,
 * `change_pending`, and what `change` throws.
 */
export function changeRule(
  path: RulePath,
  { verb, change }: Pick<RuleEdit, 'verb'> & { change(rule: RuleRow): RuleRow },
  ports: ActingPorts,
): Promise<RuleRow> {
  return retryWhileStale(async () => {
    const before = await findRule(ports.db, path)
    if (!before) throw ruleNotFound()
    checkIfMatch(before.version, ports)
    return saveAndPush({ before, after: change(before), verb }, ports)
  })
}
