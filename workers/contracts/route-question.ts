import { z } from 'zod'

/**
 * What `POST /v1/route` is asked: a request as it would be sent. It is in `request`, or is the body itself without these
 * names.
 */
export const RouteQuestion = z.looseObject({
  /** Whose request it would be; for callers who show no virtual key. */
  virtual_key_id: z.string().optional(),
  /** Where it would be sent. */
  path: z.string().default('/v1/chat/completions'),
  /** The headers it would have, such as `x-residency`. */
  headers: z.record(z.string(), z.string()).default({}),
  request: z.record(z.string(), z.unknown()).optional(),
})
export type RouteQuestion = z.infer<typeof RouteQuestion>

const code = z.string().meta({ description: 'A code of /docs/errors, or `rule` or `no_weight`.' })
const Refusal = z.object({ code, detail: z.string() })
const Health = z.object({
  is_resting: z.boolean(),
  latency_ms: z.number().nullable(),
  in_flight: z.int().min(0),
})

/** Where something may be had, as the data plane knows it. */
export const Place = { region: z.string().nullable(), residency: z.string().nullable(), health: Health }

/** Whole pico-dollars of a unit, such as a token of `input`. */
export const PricesShape = z.record(z.string(), z.number())

const Candidate = z.object({
  ...{ provider: z.string(), model: z.string(), is_kept: z.boolean(), dropped: Refusal.nullable() },
  estimated_hold_usd: z.number().nullable(),
  price_pico_usd: PricesShape.nullable(),
  ...Place,
})

const Asked = z.object({
  ...{ id: z.string(), name: z.string(), provider: z.string(), model: z.string() },
  verdict: z.enum(['matched', 'not_matched', 'skipped']),
  why: z.string().optional(),
  skipped_attempts: z.int().min(0).optional().meta({
    description:
      'For how many attempts of the last seven days it could not be evaluated; told to who shows no virtual key.',
  }),
})

/** How a request would be routed. */
export const RouteExplanation = z.object({
  virtual_key_id: z.string(),
  requested_model: z.string(),
  routed_model: z.string(),
  rule: z.object({ id: z.string(), name: z.string() }).nullable(),
  rules: z.array(Asked),
  candidates: z.array(Candidate),
  order: z.array(z.string()),
  refusal: Refusal.nullable(),
})
export type RouteExplanation = z.infer<typeof RouteExplanation>

/** A provider with the models that may be asked for. */
export const ProviderDescription = z.object({
  name: z.string(),
  ...Place,
  has_keys: z.boolean(),
  models: z.array(z.object({ id: z.string(), model: z.string(), price_pico_usd: PricesShape.nullable() })),
})
export type ProviderDescription = z.infer<typeof ProviderDescription>
