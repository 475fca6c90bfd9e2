import type { Jurisdiction } from '../core/key/key-text.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { Provider } from '../providers/port.ts'

const HEADER = 'x-residency'

/** An area that a request can be kept in. */
export type Area = Exclude<Jurisdiction, 'none'>

/** Whether a request may be served here, and by this provider; `detail` says why not, and where it may. */
export type ResidencyCheck = { ok: true } | { ok: false; detail: string }

/** The area that a request is to be kept in, by its `x-residency`; `undefined` where it says none. Throws `header_invalid`. */
export function readResidency(headers: Headers): Area | undefined {
  const asked = headers.get(HEADER)?.trim().toLowerCase()
  if (asked === undefined) return undefined
  if (asked === 'eu' || asked === 'us') return asked
  throw new GatewayError('header_invalid', `${HEADER}: not an area; send eu or us, or leave it out.`, { param: HEADER })
}

function checkDeployment(wanted: Area, jurisdiction: Jurisdiction): ResidencyCheck {
  if (jurisdiction === wanted) return { ok: true }
  const here = jurisdiction === 'none' ? 'keeps to no area' : `keeps to '${jurisdiction}'`
  const detail = `This deployment ${here}, so it cannot keep a request in '${wanted}'. Send it to the deployment whose JURISDICTION is '${wanted}'.`
  return { ok: false, detail }
}

function checkProvider(wanted: Area, { name, residency }: Pick<Provider, 'name' | 'residency'>): ResidencyCheck {
  if (residency?.toLowerCase() === wanted) return { ok: true }
  const there = residency === undefined ? 'promises no area' : `keeps to '${residency}'`
  return {
    ok: false,
    detail: `Provider '${name}' ${there}, so it is not asked for a request that stays in '${wanted}'.`,
  }
}

/**
 * Whether a request that is to stay in an area may be served by a deployment and go to a provider: both have to keep to that
 * area. One that names no area may go anywhere.
 */
export function checkResidency(at: {
  wanted: Area | undefined
  jurisdiction: Jurisdiction
  provider: Pick<Provider, 'name' | 'residency'>
}): ResidencyCheck {
  const { wanted, jurisdiction, provider } = at
  if (wanted === undefined) return { ok: true }
  const deployment = checkDeployment(wanted, jurisdiction)
  return deployment.ok ? checkProvider(wanted, provider) : deployment
}

/** The refusal of a request that nobody may serve, in the words of a check. */
export function residencyRefusal(detail: string): GatewayError {
  return new GatewayError('residency_unavailable', detail, { param: HEADER })
}
