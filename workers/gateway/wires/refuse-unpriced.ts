import { GatewayError } from '../../errors/gateway-error.ts'

/** Refuses what costs money that the pricebook does not know of, by name: it is never passed for nothing. */
export function refuseUnpriced(param: string, why: string): never {
  throw new GatewayError('price_unknown', `${param} ${why}`, { param })
}

/** Refuses a tool that may be used any number of times at a price each: no hold could cover it. */
export function refuseUnbounded(tool: string, field: string): never {
  const detail = `"${tool}" is billed by use or reads what it finds, and nothing says how often it may be used: set ${field}.`
  throw new GatewayError('price_unknown', detail, { param: field })
}
