import type { RoutingRuleInput } from '../../contracts/routing-rule-input.ts'
import { compileExpression } from '../../core/rules/compile-expression.ts'
import { RULE_SCOPES, type RuleScope } from '../../core/rules/routing-rule.ts'
import type { RuleRow } from '../../db/save-rule.ts'
import { invalid } from '../governance/invalid.ts'
import { applyTargets } from './check-targets.ts'

/** As the contract lists them. */
const SCOPE_WORDS = 'global, team, customer, virtual_key'

/** A text as a scope of rules. Throws `request_invalid`. */
export function readRuleScope(text: string): RuleScope {
  const scope = RULE_SCOPES.find(word => word === text)
  if (!scope) throw invalid(`invalid scope "${text}": must be one of: ${SCOPE_WORDS}`)
  return scope
}

function applyOwner(current: RuleRow, { scope: word, scope_id }: RoutingRuleInput): Pick<RuleRow, 'scope' | 'scopeId'> {
  const scope = word ? readRuleScope(word) : current.scope
  if (scope === 'global') return { scope, scopeId: '' }
  const scopeId = scope_id ?? (scope === current.scope ? current.scopeId : '')
  if (!scopeId) throw invalid('scope_id field is required when scope is not global')
  return { scope, scopeId }
}

function checkExpression(text: string): string {
  const compiled = text.trim() === '' ? undefined : compileExpression(text)
  if (compiled && !compiled.ok) throw invalid(`invalid CEL expression: ${compiled.flaw}`)
  return text
}

function checkFallbacks(names: string[], known: readonly string[]): string[] {
  for (const [index, name] of names.entries()) {
    if (name.trim() === '') throw invalid(`fallbacks[${index}] must not be empty`)
    const slash = name.indexOf('/')
    if (slash > 0 && known.includes(name.slice(0, slash).toLowerCase())) continue
    throw invalid(
      `fallbacks[${index}] "${name}" is invalid: must use a known provider prefix (e.g. "openai/gpt-4o" or "azure/" for the incoming model)`,
    )
  }
  return names
}

/**
 * The rule as a body makes it, in which what is absent stays. `providers`: the names of those that the tenant can use, in lower
 * case. Throws `request_invalid`, in the contract's words and order (1.7).
 */
export function applyRule(
  current: RuleRow,
  input: RoutingRuleInput,
  by: { providers: string[]; nowMs: number },
): RuleRow {
  const name = input.name ?? current.name
  if (!name) throw invalid('name field is required')
  const targets = applyTargets(current.targets, input)
  const owner = applyOwner(current, input)
  return {
    ...current,
    ...{ name, targets, ...owner },
    description: input.description ?? current.description,
    enabled: input.enabled ?? current.enabled,
    expression: checkExpression(input.cel_expression ?? current.expression),
    fallbacks: input.fallbacks ? checkFallbacks(input.fallbacks, by.providers) : current.fallbacks,
    query: input.query ?? current.query,
    isChained: input.chain_rule ?? current.isChained,
    priority: input.priority ?? current.priority,
    updatedMs: by.nowMs,
  }
}
