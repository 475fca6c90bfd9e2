import type { KeyMeters } from '../snapshot.ts'

/** The continents, by the codes that Cloudflare tells of a request (`cf.continent`). */
export const CONTINENTS = ['af', 'an', 'as', 'eu', 'na', 'oc', 'sa'] as const
/** The code of a continent. */
export type Continent = (typeof CONTINENTS)[number]

/** Where requests are counted whose continent is not known. */
const UNKNOWN: Continent = 'na'

function continentOf(code: string | undefined): Continent {
  return CONTINENTS.find(one => one === code?.toLowerCase()) ?? UNKNOWN
}

/** A request, as far as it matters for which of its key's meters counts it: its continent, and a number that spreads. */
export type MeterChoice = { continent: string | undefined; spread: number }

/** Which of a key's meters counts a request; `undefined`: the first one, which every key has. */
export function meterPart(meters: KeyMeters | undefined, { continent, spread }: MeterChoice): string | undefined {
  if (!meters) return undefined
  if (meters.regions === 'one') return meters.shards === 1 ? undefined : `any.${spread % meters.shards}`
  return `${continentOf(continent)}.${spread % meters.shards}`
}

/** Every meter that a key may ever have had: shards are never taken away, nor continents (the control plane sees to it). */
export function meterParts(meters: KeyMeters | undefined): (string | undefined)[] {
  if (!meters) return [undefined]
  const shards = Array.from({ length: meters.shards }, (_, i) => i)
  const regions = meters.regions === 'one' ? ['any'] : ['any', ...CONTINENTS]
  return [undefined, ...regions.flatMap(region => shards.map(shard => `${region}.${shard}`))]
}
