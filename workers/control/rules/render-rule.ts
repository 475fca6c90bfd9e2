import type { RuleTarget } from '../../core/rules/routing-rule.ts'
import type { RuleRow } from '../../db/save-rule.ts'

const iso = (ms: number) => new Date(ms).toISOString()

function renderTarget({ provider, model, keyId, weight }: RuleTarget) {
  return {
    ...(provider !== null && { provider }),
    ...(model !== null && { model }),
    ...(keyId !== null && { key_id: keyId }),
    weight,
  }
}

// In the contract's order: weight descending, then provider, model and key.
function inOrder(targets: readonly RuleTarget[]): RuleTarget[] {
  const name = ({ provider, model, keyId }: RuleTarget) => JSON.stringify([provider ?? '', model ?? '', keyId ?? ''])
  return targets.toSorted((a, b) => b.weight - a.weight || (name(a) < name(b) ? -1 : 1))
}

/** A rule as Bifrost shows it. */
export function renderRule(row: RuleRow) {
  return {
    ...{ id: row.id, config_hash: '', name: row.name, description: row.description, enabled: row.enabled },
    cel_expression: row.expression,
    targets: inOrder(row.targets).map(renderTarget),
    ...(row.fallbacks.length > 0 && { fallbacks: row.fallbacks }),
    ...(row.query !== null && { query: row.query }),
    ...{ scope: row.scope, scope_id: row.scopeId || null },
    ...{ chain_rule: row.isChained, priority: row.priority },
    created_at: iso(row.createdMs),
    updated_at: iso(row.updatedMs),
  }
}
