import { z } from 'zod'
import {
  type Declaration,
  type DeclaredPrices,
  declaredModel,
  declaredVersion,
} from '../core/pricing/declared-prices.ts'
import type { PricedModel, Rates } from '../core/pricing/index.ts'

/** Far above any list price; below it the sums of a request stay exact. */
const MAX_USD_PER_MTOK = 1_000_000
const MAX_TOKENS = 1_000_000_000

// A dollar for a million tokens is a million pico-dollars a token, and a dollar a request 10^12: so many decimals are whole.
const DECIMALS = { perMtok: 6, perRequest: 12 }

// By its digits: as a double a price may be one that nobody wrote.
function picoOf(usd: number | string, decimals: number): number | undefined {
  const [, whole = '', fraction = ''] = /^(\d{1,9})(?:\.(\d+))?$/.exec(String(usd)) ?? []
  if (whole === '' || Number(whole) > MAX_USD_PER_MTOK) return undefined
  const digits = fraction.replace(/0+$/, '')
  const pico = digits.length <= decimals ? Number(whole + digits.padEnd(decimals, '0')) : Number.NaN
  return Number.isSafeInteger(pico) ? pico : undefined
}

function usd(decimals: number) {
  return z.union([z.number(), z.string()], 'a price is a number of dollars').transform((value, context) => {
    const pico = picoOf(value, decimals)
    if (pico !== undefined) return pico
    const message = `not a price from 0 with at most ${decimals} decimals: ${value}`
    context.issues.push({ code: 'custom', message, input: value })
    return z.NEVER
  })
}

const perMtok = usd(DECIMALS.perMtok)
const tokens = z.int().min(1).max(MAX_TOKENS).optional()
const Limits = { context_window: tokens, max_output_tokens: tokens, accepts_media: z.boolean().optional() }

const Free = z.strictObject({ free: z.literal(true), ...Limits })
const Paid = z.strictObject({
  free: z.undefined().optional(),
  input_usd_per_mtok: perMtok,
  output_usd_per_mtok: perMtok,
  cached_input_usd_per_mtok: perMtok.optional(),
  cache_write_usd_per_mtok: perMtok.optional(),
  reasoning_usd_per_mtok: perMtok.optional(),
  input_audio_usd_per_mtok: perMtok.optional(),
  output_audio_usd_per_mtok: perMtok.optional(),
  usd_per_request: usd(DECIMALS.perRequest).optional(),
  ...Limits,
})

const name = z.string().trim().toLowerCase().min(1).max(256)

/** What the setting `CUSTOM_PRICES` says: by provider, by model, its prices or that it is free. */
const CustomPrices = z.record(name, z.record(name, z.discriminatedUnion('free', [Free, Paid])))
type Model = z.infer<typeof CustomPrices>[string][string]

function ratesOf(model: Model): Rates {
  if (model.free) return { input: 0, output: 0 }
  const { free, usd_per_request, context_window, max_output_tokens, accepts_media, ...perToken } = model
  const rates = Object.entries(perToken).map(([key, pico]) => [key.replace('_usd_per_mtok', ''), pico] as const)
  return Object.fromEntries(usd_per_request === undefined ? rates : [...rates, ['requests', usd_per_request]])
}

function declarationOf(model: Model, version: string): Declaration {
  const { context_window: contextWindow, max_output_tokens: maxOutputTokens, accepts_media: acceptsMedia } = model
  return { version, rates: ratesOf(model), contextWindow, maxOutputTokens, acceptsMedia }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error('CUSTOM_PRICES is not JSON: write {"provider": {"model": {"free": true}}}.', { cause })
  }
}

function explain({ issues }: z.ZodError): string {
  const [issue] = issues
  return `CUSTOM_PRICES: ${issue?.path.join('.')}: ${issue?.message}.`
}

function modelsOf(provider: string, models: Record<string, Model>, version: string): ReadonlyMap<string, PricedModel> {
  const all = Object.entries(models).map(([name, said]) => declaredModel(provider, name, declarationOf(said, version)))
  return new Map(all.map(model => [model.model, model]))
}

/**
 * The prices of the setting `CUSTOM_PRICES`; none where it is not set. Throws an Error that names the entry for anything
 * that is no exact price, or of a provider in `priced`, which has prices of its own.
 */
export function readDeclaredPrices(text: string | undefined, priced: readonly string[]): DeclaredPrices {
  if (!text?.trim()) return new Map()
  const read = CustomPrices.safeParse(readJson(text))
  if (!read.success) throw new Error(explain(read.error), { cause: read.error })
  const known = Object.keys(read.data).find(provider => priced.includes(provider))
  if (known) throw new Error(`CUSTOM_PRICES: ${known}: this provider's prices are in the pricebook.`)
  const version = declaredVersion(text)
  return new Map(Object.entries(read.data).map(([provider, models]) => [provider, modelsOf(provider, models, version)]))
}
