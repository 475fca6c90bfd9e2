import type { ProviderGrant } from '../../core/snapshot.ts'
import type { Provider, ProviderKey } from '../../providers/port.ts'
import { hasName } from './has-name.ts'

function mayOpen({ keyIds }: ProviderGrant, { id }: ProviderKey): boolean {
  return keyIds === undefined || keyIds.includes('*') || keyIds.includes(id)
}

function has({ models, blacklistedModels }: ProviderKey, model: string): boolean {
  return hasName(models, model) && !hasName(blacklistedModels, model)
}

// The last one takes what rounding leaves.
function drawn(keys: ProviderKey[], random: number): ProviderKey | undefined {
  let left = random * keys.reduce((sum, { weight }) => sum + weight, 0)
  for (const key of keys) {
    left -= key.weight
    if (left < 0) return key
  }
  return keys.at(-1)
}

/**
 * The keys of a provider for a model, the one to use first drawn by weight (`random` from 0 to 1), the others after it from
 * the heaviest: where the first does not open, the next may. None where the grant or the keys' lists allow none.
 */
export function chooseKeys(
  provider: Provider,
  by: { grant: ProviderGrant; model: string; random: number },
): ProviderKey[] {
  const usable = provider.keys.filter(key => mayOpen(by.grant, key) && has(key, by.model))
  const weighted = usable.filter(({ weight }) => weight > 0)
  const first = drawn(weighted, by.random) ?? usable[0]
  if (!first) return []
  return [first, ...usable.filter(key => key !== first).toSorted((a, b) => b.weight - a.weight)]
}
