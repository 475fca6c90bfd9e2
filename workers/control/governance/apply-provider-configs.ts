import type { ProviderConfigInput } from '../../contracts/virtual-key-input.ts'
import type { ProviderConfig } from '../../db/schema/keys.ts'
import type { KnownProviders } from '../provider-keys/known-providers.ts'
import { checkProviderConfig } from './check-provider-config.ts'
import { invalid } from './invalid.ts'

const isSameName = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

// Without an id, the provider tells which one is meant: a body that never saw our ids must not start usage anew.
function findCurrent(input: ProviderConfigInput, current: ProviderConfig[]): ProviderConfig | undefined {
  const { id, provider } = input
  if (typeof id !== 'number') return current.find(config => isSameName(config.provider, provider ?? ''))
  const config = current.find(candidate => candidate.id === id)
  if (!config) throw invalid(`provider config ${id} does not belong to this virtual key`)
  return config
}

function configuredName(asked: string, providers: string[]): string {
  if (asked === '') throw invalid('provider name is required')
  const name = providers.find(provider => isSameName(provider, asked))
  if (name === undefined) throw invalid(`invalid provider name: ${asked}`)
  return name
}

function applyConfig(input: ProviderConfigInput, base: ProviderConfig, known: KnownProviders): ProviderConfig {
  const config = {
    id: base.id,
    provider: configuredName(input.provider ?? base.provider, known.names),
    weight: input.weight === undefined ? base.weight : input.weight,
    allowedModels: input.allowed_models ?? base.allowedModels,
    blacklistedModels: input.blacklisted_models ?? base.blacklistedModels,
    keyIds: input.key_ids ?? base.keyIds,
  }
  checkProviderConfig(config, { base, known, input })
  return config
}

function newConfig(id: number): ProviderConfig {
  return { id, provider: '', weight: null, allowedModels: [], blacklistedModels: [], keyIds: [] }
}

function checkDistinct(configs: ProviderConfig[]): void {
  const names = configs.map(config => config.provider)
  const repeated = names.find((name, index) => names.indexOf(name) < index)
  if (repeated !== undefined) throw invalid(`duplicate provider in provider_configs: ${repeated}`)
}

/**
 * A key's provider configs after a change: `inputs` are all that shall be, in their order, each merged into the one it
 * names by `id` or else by provider. Names get the case they are configured in. Throws `request_invalid`.
 */
export function applyProviderConfigs(
  current: ProviderConfig[],
  inputs: ProviderConfigInput[],
  known: KnownProviders,
): ProviderConfig[] {
  let lastId = Math.max(0, ...current.map(config => config.id))
  const configs = inputs.map(input => {
    const base = findCurrent(input, current) ?? newConfig(++lastId)
    return applyConfig(input, base, known)
  })
  checkDistinct(configs)
  return configs
}
