import type { ProviderConfigInput } from '../../contracts/virtual-key-input.ts'
import type { ProviderConfig } from '../../db/schema.ts'
import { askBudgets } from './ask-budgets.ts'
import { findRepeatedDuration } from './check-budgets.ts'
import { invalid } from './invalid.ts'

function flaw(names: string[]): string | undefined {
  if (names.includes('*') && names.length > 1) {
    return "wildcard '*' cannot be used with other values in the whitelist"
  }
  const lower = names.map(name => name.toLowerCase())
  const repeated = names.find((_, index) => lower.indexOf(lower[index] ?? '') < index)
  return repeated === undefined ? undefined : `duplicate value '${repeated}'`
}

function checkNames(field: string, names: string[], provider: string): void {
  const found = flaw(names)
  if (found) throw invalid(`invalid ${field} for provider ${provider}: ${found}`)
}

// Weir has one credential per provider, which has no id. To let a restriction to others pass would be to ignore it.
function checkKeyIds({ provider, keyIds }: ProviderConfig): void {
  checkNames('key_ids', keyIds ?? [], provider)
  const unknown = (keyIds ?? []).filter(id => id !== '*').length
  if (unknown > 0) throw invalid(`some keys not found for provider ${provider}: expected ${unknown}, found 0`)
}

/** Checks one provider config as it is to be stored, with the body it comes from. Throws `request_invalid`. */
export function checkProviderConfig(config: ProviderConfig, input: ProviderConfigInput): void {
  const { provider, weight } = config
  if (weight !== null && weight < 0) throw invalid(`invalid weight for provider ${provider}: it cannot be negative`)
  checkNames('allowed_models', config.allowedModels, provider)
  checkNames('blacklisted_models', config.blacklistedModels, provider)
  checkKeyIds(config)
  const repeated = findRepeatedDuration(askBudgets(input, []) ?? [])
  if (repeated !== undefined) throw invalid(`duplicate reset_duration in provider config budgets: ${repeated}`)
}
