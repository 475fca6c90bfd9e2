import type { PriceList } from './pricebook.ts'

/**
 * The prices of one variant of what a model makes, such as an image of a size and quality (`1024x1024/hd`). Where the list
 * tells variants apart, one that it does not name has no known price: `undefined`. Elsewhere there is but one price.
 */
export function variantPrices(prices: PriceList, variant: string): PriceList | undefined {
  const { variants, ...rest } = prices
  if (!variants) return prices
  const rates = Object.hasOwn(variants, variant) ? variants[variant] : undefined
  return rates && { ...rest, base: { ...rest.base, ...rates } }
}
