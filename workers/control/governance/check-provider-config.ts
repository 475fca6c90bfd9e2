import type { ProviderConfigInput } from '../../contracts/virtual-key-input.ts'
import type { ProviderConfig } from '../../db/schema/keys.ts'
import type { KnownProviders } from '../provider-keys/known-providers.ts'
import { askBudgets } from './ask-budgets.ts'
import { findRepeatedDuration } from './check-budgets.ts'
import { checkNames } from './check-names.ts'
import { invalid } from './invalid.ts'

function checkKeyIds(config: ProviderConfig, { base, known }: Context): void {
  const { provider, keyIds } = config
  checkNames('key_ids', keyIds ?? [], `provider ${provider}`)
  const asked = (keyIds ?? []).filter(id => id !== '*')
  // Ids of keys that were deleted since may stay: they allow nothing.
  const kept = base.provider === provider ? (base.keyIds ?? []) : []
  const own = known.keys.filter(key => key.account === provider.toLowerCase()).map(key => key.id)
  const found = asked.filter(id => own.includes(id) || kept.includes(id)).length
  if (found === asked.length) return
  throw invalid(`some keys not found for provider ${provider}: expected ${asked.length}, found ${found}`)
}

/** The config as it was, and the providers that the tenant can use. */
type Context = { base: ProviderConfig; known: KnownProviders; input: ProviderConfigInput }

/** Checks one provider config as it is to be stored, with the body it comes from. Throws `request_invalid`. */
export function checkProviderConfig(config: ProviderConfig, context: Context): void {
  const { input } = context
  const { provider, weight } = config
  if (weight !== null && weight < 0) throw invalid(`invalid weight for provider ${provider}: it cannot be negative`)
  checkNames('allowed_models', config.allowedModels, `provider ${provider}`)
  checkNames('blacklisted_models', config.blacklistedModels, `provider ${provider}`)
  checkKeyIds(config, context)
  const repeated = findRepeatedDuration(askBudgets(input, []) ?? [])
  if (repeated !== undefined) throw invalid(`duplicate reset_duration in provider config budgets: ${repeated}`)
}
