import type { RoutingRuleInput, RuleTargetInput } from '../../contracts/routing-rule-input.ts'
import type { RuleTarget } from '../../core/rules/routing-rule.ts'
import { invalid } from '../governance/invalid.ts'

/** How far the weights of a rule may be from 1 in all. */
const TOLERANCE = 0.001

function targetOf({ provider, model, key_id, weight }: RuleTargetInput): RuleTarget {
  return {
    provider: provider?.toLowerCase() || null,
    model: model || null,
    keyId: key_id || null,
    weight: weight ?? 0,
  }
}

function checkDistinct(targets: readonly RuleTarget[]): void {
  const seen = new Set<string>()
  for (const { provider, model, keyId } of targets) {
    const [a, b, c] = [provider, model, keyId].map(text => JSON.stringify(text ?? ''))
    const name = `provider=${a} model=${b} key_id=${c}`
    if (seen.has(name)) throw invalid(`duplicate target entry: ${name}`)
    seen.add(name)
  }
}

function checkTargets(targets: readonly RuleTarget[]): void {
  if (targets.length === 0) throw invalid('at least one target is required')
  if (targets.some(({ weight }) => weight < 0)) throw invalid('each target weight must be positive')
  if (targets.some(({ keyId, provider }) => keyId && !provider)) throw invalid('key_id requires provider to be set')
  checkDistinct(targets)
  const sum = targets.reduce((total, { weight }) => total + weight, 0)
  if (Math.abs(sum - 1) > TOLERANCE) throw invalid(`target weights must sum to 1, got ${sum.toFixed(4)}`)
}

// Rules that have one target only name it beside their own name.
function askedTargets({ targets, provider, model }: RoutingRuleInput): RuleTargetInput[] | undefined {
  if (targets) return targets
  return provider || model ? [{ provider, model, weight: 1 }] : undefined
}

/** The targets that a body names, else those that were there. Throws `request_invalid` in the contract's words (1.7). */
export function applyTargets(current: readonly RuleTarget[], input: RoutingRuleInput): RuleTarget[] {
  const targets = askedTargets(input)?.map(targetOf) ?? [...current]
  checkTargets(targets)
  return targets
}
