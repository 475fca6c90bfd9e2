import { isFree, type PriceList, type PriceUnit, variantPrices } from '../core/pricing/index.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { Ask, FixedUse } from './ask.ts'
import type { Route } from './routing/route-to.ts'

/** An ask as it is billed on its route. */
export type Fitted = { ask: Ask; route: Route }

function unpriced({ provider, model }: Route, what: string): GatewayError {
  const detail = `'${provider.name}/${model}' has no known price ${what}, so it is refused rather than passed for nothing.`
  return new GatewayError('price_unknown', detail, { param: 'model' })
}

function pricesTokens({ base }: PriceList, makes: number): boolean {
  return base.input !== undefined && (makes === 0 || base.output !== undefined)
}

function pricesUnits({ base }: PriceList, units: FixedUse['units']): boolean {
  const names = Object.keys(units) as PriceUnit[]
  return names.length > 0 && names.every(unit => base[unit] !== undefined)
}

// A model is billed by its units where those have a price, else by tokens.
function fitFixed(ask: Ask, fixed: FixedUse, route: Route): Fitted {
  const { variant, units } = fixed
  const prices = variant === undefined ? route.prices : variantPrices(route.prices, variant)
  if (!prices) throw unpriced(route, `for '${variant}' (size/quality; name both)`)
  if ((isFree(prices) && pricesTokens(prices, 1)) || pricesUnits(prices, units)) {
    return {
      ask: { ...ask, fixed: { ...fixed, inputTokens: 0, outputTokens: () => 0 } },
      route: { ...route, prices },
    }
  }
  if (!pricesTokens(prices, fixed.outputTokens(route.model))) throw unpriced(route, 'here')
  return { ask: { ...ask, fixed: { ...fixed, units: {}, isExact: false } }, route: { ...route, prices } }
}

/**
 * An ask and its route, with nothing in them but what is billed there. Throws `price_unknown` for what has no price there, and
 * `untranslatable` for what the provider cannot be asked.
 */
export function fitAsk(ask: Ask, route: Route): Fitted {
  route.endpoint.dialect.assertSayable?.(ask.raw)
  if (ask.fixed) return fitFixed(ask, ask.fixed, route)
  if (!pricesTokens(route.prices, 1)) throw unpriced(route, 'for conversations')
  return { ask, route }
}
