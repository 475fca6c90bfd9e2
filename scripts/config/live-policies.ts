import { overrideSpec, ruleName, ruleSpec } from './declare-policies.ts'
import { nameOf, type Shown } from './live-groups.ts'

// biome-ignore lint/suspicious/noExplicitAny: as the API answers
type Row = any

/** Pricing overrides as specs have them. */
export function liveOverrides(rows: Row[], named: Shown[]): Shown[] {
  return rows.map(row => {
    const spec = overrideSpec({
      ...row,
      virtual_key: nameOf(named, 'virtual_key', row.virtual_key_id),
      provider: row.provider_id,
      provider_key: nameOf(named, 'provider_key', row.provider_key_id),
    })
    return { kind: 'pricing_override', name: row.name, id: row.id, spec }
  })
}

// Within its provider a key is known by its name alone.
function targetOf({ provider, model, key_id, weight }: Row, named: Shown[]) {
  const key = nameOf(named, 'provider_key', key_id)
  return { provider, model, weight, key: key?.startsWith(`${provider}/`) ? key.slice(provider.length + 1) : key }
}

/** Routing rules as specs have them. */
export function liveRules(rows: Row[], named: Shown[]): Shown[] {
  return rows.map(row => {
    const scope_name = row.scope === 'global' ? undefined : nameOf(named, row.scope, row.scope_id)
    const targets = row.targets.map((target: Row) => targetOf(target, named))
    const spec = ruleSpec({ ...row, targets, scope_name })
    return { kind: 'routing_rule', name: ruleName(spec), id: row.id, spec }
  })
}
