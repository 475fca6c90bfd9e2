import { evaluate, type Verdict } from './compile-expression.ts'
import { TIER_VARIABLE } from './complexity.ts'
import { drawTarget } from './draw-target.ts'
import type { RoutingRule } from './routing-rule.ts'
import { type RuleFacts, type RuleModel, variablesOf } from './rule-facts.ts'

/** How often what a rule has made of a request is put to the rules again. */
export const MAX_DEPTH = 10

/** What a rule was asked, and what it said. */
export type RuleTrace = { rule: Pick<RoutingRule, 'id' | 'name'>; at: RuleModel; verdict: Verdict }

/** Where rules send a request. `matched`: the last rule that fired, whose `fallbacks` and `keyId` alone hold. */
export type Decision = RuleModel & {
  matched: Pick<RoutingRule, 'id' | 'name'>
  keyId: string | null
  fallbacks: string[]
}

/** What rules say of a request: `decision` is `null` where none matched; `trace`: each question, in its order. */
export type Ruling = { decision: Decision | null; trace: RuleTrace[] }

type Deciding = { asked: RuleModel; facts: RuleFacts; random(): number; trace: RuleTrace[] }

// Of a request that has no tier a rule that asks for it says nothing; that is no flaw in the rule.
function verdictOn({ expression }: RoutingRule, variables: ReturnType<typeof variablesOf>): Verdict {
  const verdict = evaluate(expression, variables)
  const hasNoTier = !(TIER_VARIABLE in variables) && expression.includes(TIER_VARIABLE)
  return verdict.kind === 'skipped' && hasNoTier ? { kind: 'not_matched' } : verdict
}

function firstMatch(rules: readonly RoutingRule[], at: RuleModel, { facts, trace }: Deciding): RoutingRule | undefined {
  const variables = variablesOf(facts, at)
  return rules.find(rule => {
    const verdict = verdictOn(rule, variables)
    trace.push({ rule: { id: rule.id, name: rule.name }, at, verdict })
    return verdict.kind === 'matched'
  })
}

function apply(rule: RoutingRule, at: RuleModel, { random, asked }: Deciding): Decision {
  const target = drawTarget(rule.targets, random())
  return {
    provider: target?.provider || at.provider,
    model: target?.model || at.model,
    keyId: target?.keyId ?? null,
    fallbacks: rule.fallbacks.map(name => (name.endsWith('/') ? name + asked.model : name)),
    matched: { id: rule.id, name: rule.name },
  }
}

/**
 * Asks the rules in their order: the first that matches decides. What one that is chained has decided is put to the others again,
 * each of which fires once at most. A rule that cannot be evaluated is passed over, and never fails the request.
 */
export function decide(
  rules: readonly RoutingRule[],
  by: { asked: RuleModel; facts: RuleFacts; random(): number },
): Ruling {
  const deciding: Deciding = { ...by, trace: [] }
  let left = rules
  let decision: Decision | null = null
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const at: RuleModel = decision ? { provider: decision.provider, model: decision.model } : by.asked
    const rule = firstMatch(left, at, deciding)
    if (!rule) break
    decision = apply(rule, at, deciding)
    if (!rule.isChained) break
    left = left.filter(other => other !== rule)
  }
  return { decision, trace: deciding.trace }
}
