import { given } from '../../formats/given.ts'
import type { AccessSettings, Provider } from '../port.ts'

/** European by their names, but not of the European Union: London and Zurich. */
const NOT_EU = ['eu-west-2', 'eu-central-2']

function residencyOf(region: string): string | undefined {
  if (/^eu(sc)?-/.test(region)) return NOT_EU.includes(region) ? undefined : 'eu'
  return region.startsWith('us-') ? 'us' : undefined
}

/** How the profiles of a part of the world begin, by how its regions do. Source: Bedrock user guide, inference profiles. */
const PROFILES = [
  ['eu-', 'eu.'],
  ['us-gov-', 'us-gov.'],
  ['us-', 'us.'],
  ['ap-northeast-1', 'jp.'],
  ['ap-northeast-3', 'jp.'],
  ['ap-southeast-2', 'au.'],
  ['ap-', 'apac.'],
] as const

// The pricebook has one entry for all parts of the world that cost the same, under a name that nobody can ask for.
function modelIdIn(region: string): (entry: string) => string {
  const [, profile = ''] = PROFILES.find(([start]) => region.startsWith(start)) ?? []
  return entry => entry.replace(/^regional\./, profile)
}

/**
 * Whether a name says who made the model, as all of Bedrock's do: `anthropic.claude-...`. The pricebook knows them without as
 * well, which are the names of the makers' own APIs.
 */
export function namesMaker(model: string): boolean {
  return /(^|[./])[a-z0-9]+\.[a-z]/i.test(model)
}

/** Where an account of AWS works, by its `region`, and how its models are called there. */
export function awsPlace({ region }: AccessSettings): Pick<Provider, 'region' | 'residency' | 'modelId'> {
  return region ? given({ region, residency: residencyOf(region), modelId: modelIdIn(region) }) : {}
}
