import { GatewayError } from '../../errors/gateway-error.ts'

/** Refuses what costs money that the pricebook does not know of, by name: it is never passed for nothing. */
export function refuseUnpriced(param: string, why: string): never {
  throw new GatewayError('price_unknown', `${param} ${why}`, { param })
}

/** Refuses OpenAI's priority tier, whose prices are not known. */
export function refusePriority({ service_tier }: Record<string, unknown>): void {
  if (service_tier === 'priority')
    refuseUnpriced('service_tier', '"priority" has no price here yet. Leave it out or use "default".')
}
