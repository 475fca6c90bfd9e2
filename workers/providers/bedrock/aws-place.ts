import { given } from '../../formats/given.ts'
import type { AccessSettings, Provider } from '../port.ts'

/** European by their names, but not of the European Union: London and Zurich. */
const NOT_EU = ['eu-west-2', 'eu-central-2']

function residencyOf(region: string): string | undefined {
  if (/^eu(sc)?-/.test(region)) return NOT_EU.includes(region) ? undefined : 'eu'
  return region.startsWith('us-') ? 'us' : undefined
}

/** Where an account of AWS works, by its `region`. */
export function awsPlace({ region }: AccessSettings): Pick<Provider, 'region' | 'residency'> {
  return region ? given({ region, residency: residencyOf(region) }) : {}
}
