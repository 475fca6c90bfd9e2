import { z } from 'zod'

/** How many entries a version of a pricebook has at most. */
export const MAX_ENTRIES = 500
const name = z.string().trim().min(1).max(255)

/** What a version says of some models; prices are dollars per unit, by the names that price overrides have for them. */
export const PricebookEntryInput = z.strictObject({
  provider: name.nullish(),
  model: name,
  match_type: z.enum(['exact', 'wildcard']).default('exact'),
  request_types: z.array(z.string()).min(1).nullish(),
  prices: z.record(z.string(), z.number()).refine(prices => Object.keys(prices).length > 0, 'must name a price'),
})
export type PricebookEntryInput = z.infer<typeof PricebookEntryInput>

/** The body of `POST /v1/pricebook`. Without `effective_from` the version is in force from the next request on. */
export const PricebookInput = z.strictObject({
  effective_from: z.string().nullish(),
  note: z.string().max(1000).nullish(),
  entries: z.array(PricebookEntryInput).max(MAX_ENTRIES),
})
export type PricebookInput = z.infer<typeof PricebookInput>
