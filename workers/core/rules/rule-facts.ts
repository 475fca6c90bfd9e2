import { celMap } from '@bufbuild/cel'
import type { ComplexityTier } from './complexity.ts'

/** The most entries and characters of a caller's headers, or of its query, that rules are shown. */
export const MAX_ENTRIES = 64
/** See `MAX_ENTRIES`. */
export const MAX_MAP_CHARS = 8192

/** Percents of limits: 0 where nothing is known, and above 100 where a limit was passed. */
export type UsedPercent = { budget: number; tokens: number; requests: number }

/** What rules may ask of a request that stays the same when another rule has sent it elsewhere. */
export type RuleFacts = {
  requestType: string
  virtualKey: { id: string; name: string }
  team: { id: string; name: string }
  customer: { id: string; name: string }
  headers: ReadonlyMap<string, string>
  params: ReadonlyMap<string, string>
  /** Absent where no rule asks for it, and where there is no text that it could be told of. */
  complexityTier?: ComplexityTier | undefined
  /** Of the limits of a model, where the provider is known also of the provider. */
  usedAt(at: RuleModel): UsedPercent
}

/** What a rule is asked about. `provider`: empty where the model was named without one. */
export type RuleModel = { provider: string; model: string }

/** Names and values as rules see them: names in lower case, as far as `MAX_ENTRIES` and `MAX_MAP_CHARS` go. */
export function boundedMap(entries: Iterable<[string, string]>): ReadonlyMap<string, string> {
  const map = new Map<string, string>()
  let chars = 0
  for (const [name, value] of entries) {
    chars += name.length + value.length
    if (chars > MAX_MAP_CHARS || map.size === MAX_ENTRIES) break
    map.set(name.toLowerCase(), value)
  }
  return map
}

/** The variables of a rule, by the names of the governance contract (section 3). */
export function variablesOf(facts: RuleFacts, at: RuleModel) {
  const used = facts.usedAt(at)
  return {
    ...{ model: at.model, provider: at.provider, request_type: facts.requestType },
    ...{ virtual_key_id: facts.virtualKey.id, virtual_key_name: facts.virtualKey.name },
    ...{ team_id: facts.team.id, team_name: facts.team.name },
    ...{ customer_id: facts.customer.id, customer_name: facts.customer.name },
    ...{ headers: celMap(facts.headers), params: celMap(facts.params) },
    ...{ budget_used: used.budget, tokens_used: used.tokens, request: used.requests },
    ...(facts.complexityTier !== undefined && { complexity_tier: facts.complexityTier }),
  }
}
