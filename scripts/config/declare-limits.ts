import { isJoined, joinedScope, partsOf } from '../../workers/core/quota/joined-scope.ts'
import type { Names } from './declare-keys.ts'
import type { BudgetSpec, ConfigFile, LimitSpec, RateLimitSpec } from './file-schema.ts'
import { behaviourSpec } from './limits-spec.ts'
import { type Declared, type Spec, tidy } from './object.ts'
import type { Path } from './problem.ts'

/** What a limit is known by: of one unit and one duration a scope has one. */
export function limitName({ scope, unit, duration }: Spec): string {
  return `${scope} ${unit}${duration === undefined ? '' : ` per ${duration}`}`
}

/** A limit as a spec has it. */
export function limitSpec(limit: Omit<LimitSpec, 'scope'> & { scope: string }): Spec {
  const { scope, unit, max, max_usd, duration, calendar_aligned } = limit
  return {
    ...tidy({ scope, unit, max, max_usd, duration, calendar_aligned }, { calendar_aligned: false }),
    ...behaviourSpec(limit),
  }
}

// As the instance has it: the parts of a joined scope in one order, a provider in the case that it is configured in.
function scopeIn(scope: string, names: Names): string {
  if (isJoined(scope)) return joinedScope(partsOf(scope).map(part => scopeIn(part, names)))
  const [kind, provider] = /^(.*?)provider:([^:/]+)$/.exec(scope)?.slice(1) ?? []
  return provider === undefined ? scope : `${kind}provider:${names.provider(provider)}`
}

function providersIn(scope: string): string[] {
  if (isJoined(scope)) return partsOf(scope).flatMap(providersIn)
  const provider = /(?:^|\/)provider:(.+)$/.exec(scope)?.[1]
  return provider === undefined ? [] : [provider]
}

function declareLimit(limit: LimitSpec, path: Path, names: Names): Declared {
  const scope = scopeIn(limit.scope, names)
  const spec = limitSpec({ ...limit, scope })
  const refs = providersIn(scope).map(name => ({ kind: 'provider', name, path: [...path, 'scope'] }) as const)
  return { kind: 'limit', name: limitName(spec), spec, path, refs }
}

function ofBudget({ max_limit, reset_duration, ...more }: BudgetSpec, scope: string): LimitSpec {
  return { ...more, scope, unit: 'nano_usd', max_usd: max_limit, duration: reset_duration }
}

// As of a rate limit of the governance API: requests cannot be clamped, and are refused.
function ofRateLimit(rate: RateLimitSpec, scope: string): LimitSpec[] {
  const { token_max_limit, token_reset_duration, request_max_limit, request_reset_duration, ...more } = rate
  const { clamp_floor, ...unclamped } = more
  const requests = more.on_exceed === 'clamp' ? { ...unclamped, on_exceed: 'refuse' as const } : more
  return [
    ...(token_max_limit
      ? [{ ...more, scope, unit: 'tokens' as const, max: token_max_limit, duration: token_reset_duration }]
      : []),
    ...(request_max_limit
      ? [{ ...requests, scope, unit: 'requests' as const, max: request_max_limit, duration: request_reset_duration }]
      : []),
  ]
}

type ModelSpec = NonNullable<ConfigFile['model_configs']>[number]

function declareModel(
  { model_name, provider, budgets = [], rate_limit }: ModelSpec,
  path: Path,
  names: Names,
): Declared[] {
  const at = provider && names.provider(provider)
  const scope = at ? `model:${model_name}/provider:${at}` : `model:${model_name}`
  const refs = at ? [{ kind: 'provider', name: at, path: [...path, 'provider'] } as const] : []
  const config: Declared = { kind: 'model_config', name: scope, spec: tidy({ model_name, provider: at }), path, refs }
  const ofBudgets = budgets.map((one, index) => declareLimit(ofBudget(one, scope), [...path, 'budgets', index], names))
  const rates = rate_limit ? ofRateLimit(rate_limit, scope) : []
  return [config, ...ofBudgets, ...rates.map(one => declareLimit(one, [...path, 'rate_limit'], names))]
}

/** The limits of a file on scopes above keys, and the model configs, whose limits are the same as those of their scopes. */
export function declareLimits({ model_configs = [], limits = [] }: ConfigFile, names: Names): Declared[] {
  return [
    ...model_configs.flatMap((one, index) => declareModel(one, ['model_configs', index], names)),
    ...limits.map((one, index) => declareLimit(one, ['limits', index], names)),
  ]
}
