import type { Standing } from '../quota/admit.ts'
import type { Unit } from '../quota/limit.ts'
import type { RuleModel, UsedPercent } from './rule-facts.ts'

function scopesAt(keyId: string, { provider, model }: RuleModel): string[] {
  const ofModel = `model:${model}`
  if (!provider) return [ofModel]
  return [
    ofModel,
    `${ofModel}/provider:${provider}`,
    `provider:${provider}`,
    `virtual_key:${keyId}/provider:${provider}`,
  ]
}

function percentOf({ settled, max }: Standing): number {
  return max > 0 ? (settled / max) * 100 : 100
}

/**
 * How far the limits of a model and of a provider are used, the furthest of each unit: those that the contract's section 3
 * names, which are not the key's own, its team's or its customer's. What ended is not counted any more.
 */
export function usedPercent(
  standings: readonly Standing[],
  by: { keyId: string; at: RuleModel; nowMs: number },
): UsedPercent {
  const scopes = scopesAt(by.keyId, by.at)
  const open = standings.filter(({ scope, resetsAtMs }) => scopes.includes(scope) && resetsAtMs > by.nowMs)
  const most = (unit: Unit) => Math.max(0, ...open.filter(one => one.unit === unit).map(percentOf))
  return { budget: most('nano_usd'), tokens: most('tokens'), requests: most('requests') }
}
