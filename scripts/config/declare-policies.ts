import type { Names } from './declare-keys.ts'
import type { ConfigFile } from './file-schema.ts'
import { type Declared, type Json, orNone, type Reference, type Spec, tidy } from './object.ts'
import type { Path } from './problem.ts'

type OverrideSpec = NonNullable<ConfigFile['pricing_overrides']>[number]
type RuleSpec = NonNullable<ConfigFile['routing_rules']>[number]

/** A target of a rule as a spec has it. */
export type TargetLike = {
  provider?: string | undefined
  model?: string | undefined
  key?: string | undefined
  weight?: number | undefined
}

/** A rule's targets as a spec has them. Their order means nothing. */
export function targetsSpec(targets: TargetLike[]): Json[] {
  const specs = targets.map(({ provider, model, key, weight = 0 }) =>
    tidy({ provider: provider?.toLowerCase(), model, key, weight }),
  )
  const text = ({ provider = '', model = '', key = '' }: Spec) => JSON.stringify([provider, model, key])
  return specs.sort((a, b) => Number(b.weight) - Number(a.weight) || (text(a) < text(b) ? -1 : 1))
}

/** What a rule is known by: names are those of its scope. */
export function ruleName({ scope = 'global', scope_name, name }: Spec): string {
  return scope === 'global' ? `global/${name}` : `${scope}:${scope_name}/${name}`
}

const OVERRIDE_DEFAULTS = { scope_kind: 'global', match_type: 'exact' }
const RULE_DEFAULTS = {
  ...{ description: '', enabled: true, cel_expression: '', fallbacks: [] },
  ...{ scope: 'global', priority: 0, chain_rule: false },
}

/** An override as a spec has it. */
export function overrideSpec(
  override: Omit<OverrideSpec, 'request_types'> & { request_types: readonly string[] },
): Spec {
  const { name, scope_kind, virtual_key, provider, provider_key, match_type, pattern, request_types, patch } = override
  const fields = { name, scope_kind, virtual_key, provider: provider?.toLowerCase(), provider_key, match_type, pattern }
  return tidy({ ...fields, request_types: [...new Set(request_types)], patch: tidy(patch) }, OVERRIDE_DEFAULTS)
}

/** A rule as a spec has it. */
export function ruleSpec(rule: RuleSpec): Spec {
  const { name, description, enabled, cel_expression, fallbacks, scope, scope_name, priority, chain_rule, query } = rule
  const fields = { name, description, enabled, cel_expression, fallbacks, scope, scope_name, priority, chain_rule }
  return tidy({ ...fields, targets: targetsSpec(rule.targets), query: orNone((query ?? {}) as Spec) }, RULE_DEFAULTS)
}

function overrideRefs({ virtual_key, provider, provider_key }: OverrideSpec, path: Path, names: Names): Reference[] {
  return [
    ...(virtual_key ? [{ kind: 'virtual_key', name: virtual_key, path: [...path, 'virtual_key'] } as const] : []),
    ...(provider ? [{ kind: 'provider', name: names.provider(provider), path: [...path, 'provider'] } as const] : []),
    ...(provider_key ? [{ kind: 'provider_key', name: provider_key, path: [...path, 'provider_key'] } as const] : []),
  ]
}

function ruleRefs({ scope = 'global', scope_name, targets }: RuleSpec, path: Path): Reference[] {
  const owner =
    scope === 'global' || !scope_name ? [] : [{ kind: scope, name: scope_name, path: [...path, 'scope_name'] }]
  const keys = targets.flatMap(({ provider, key }, index): Reference[] =>
    key
      ? [{ kind: 'provider_key', name: `${provider?.toLowerCase()}/${key}`, path: [...path, 'targets', index, 'key'] }]
      : [],
  )
  return [...owner, ...keys]
}

/** The pricing overrides and the routing rules of a file. */
export function declarePolicies({ pricing_overrides = [], routing_rules = [] }: ConfigFile, names: Names): Declared[] {
  const overrides = pricing_overrides.map((one, index): Declared => {
    const path = ['pricing_overrides', index]
    return {
      kind: 'pricing_override',
      name: one.name,
      spec: overrideSpec(one),
      path,
      refs: overrideRefs(one, path, names),
    }
  })
  const rules = routing_rules.map((one, index): Declared => {
    const path = ['routing_rules', index]
    const spec = ruleSpec(one)
    return { kind: 'routing_rule', name: ruleName(spec), spec, path, refs: ruleRefs(one, path) }
  })
  return [...overrides, ...rules]
}
