import { ceilingOf, type PricedModel } from '../core/pricing/index.ts'
import type { Need, TokenBound } from '../core/quota/limit.ts'
import type { KeyHandling } from '../core/snapshot.ts'
import type { Ask, FixedUse } from './ask.ts'
import type { Route } from './routing/route-to.ts'
import type { Translation } from './translate.ts'

/**
 * What one attempt sets aside, and for which tokens. `ceiling`: the most tokens it can use at all, the same as `bound` where
 * the hold is strict. `maxOutputTokens`: the cap that has to be sent for that to be true, a choice.
 */
export type HoldSize = { need: Need; bound: TokenBound; ceiling: TokenBound; maxOutputTokens: number | undefined }

/**
 * How a hold is to be sized; `maxOutputTokens` lowers the output cap further, a choice. `sent`: the request that goes out, where
 * it is not the caller's own.
 */
export type SizeRule = { handling: KeyHandling; maxOutputTokens?: number | undefined; sent?: Sent | undefined }

type Sent = Pick<Translation, 'request' | 'bytes'>

/** What bounds the input: the bytes that are sent, the tokens that the vendor adds to them, and how often it is read again. */
type Input = { bytes: number; added: number; contextWindow: number | undefined; hasMedia: boolean; rounds: number }

// Each prompt of a legacy completion may fill the context window, and a request may have many.
function windowsOf({ format, choices }: Ask, { contextWindow }: PricedModel): number | undefined {
  return contextWindow === undefined || format !== 'openai-completions' ? contextWindow : contextWindow * choices
}

// Without the request that goes out nobody can say what its vendor would add.
function inputOf(ask: Ask, { priced, ...route }: Route, sent: Sent | undefined): Input {
  const { hasMedia, rounds = 0 } = ask
  const request = sent?.request ?? (route.format === ask.format ? ask.raw : undefined)
  const added = request ? (route.endpoint.dialect.addedTokens?.(request, route.model) ?? 0) : 0
  return { bytes: sent?.bytes ?? ask.bytes, added, contextWindow: windowsOf(ask, priced), hasMedia, rounds }
}

/** The output cap of a request that sets none, for a model whose own limit is not known. */
const DEFAULT_MAX_OUTPUT = 4096
/** The input bound of a picture, sound or file, for a model whose context window is not known. */
const DEFAULT_CONTEXT = 272_000
/** The output of a choice that is expected where the key does not say. */
const DEFAULT_EXPECTED_OUTPUT = 512
/** Bytes of a request to an input token, expected; text has 4 (domain guide, section 2), code and other scripts fewer. */
const EXPECTED_BYTES_PER_TOKEN = 3

// No tokenizer makes more tokens than the text has UTF-8 bytes, and the JSON around the text only adds bytes.
// Media is billed by rules of its own, so it counts as the whole context window, and so does what a vendor adds without end; and
// what the provider's tools find, each time that the model reads it.
function inputBound({ hasMedia, bytes, added, contextWindow, rounds }: Input): number {
  const isWhole = hasMedia || rounds > 0 || added === Number.POSITIVE_INFINITY
  if (isWhole) return (1 + rounds) * (contextWindow ?? DEFAULT_CONTEXT + bytes)
  return Math.min(bytes + added, contextWindow ?? Number.POSITIVE_INFINITY)
}

/** The most output tokens of one choice, and the cap to send: none where the context window bounds them already. */
type OutputBound = { tokens: number; cap: number | undefined }

function outputBound({ outputCap: given }: Ask, priced: PricedModel, lowered: number | undefined): OutputBound {
  const { maxOutputTokens, contextWindow } = priced
  const asked = lowered === undefined ? given : Math.min(given ?? lowered, lowered)
  // A model whose output may fill its context refuses a cap that leaves the input no room.
  if (
    asked == null &&
    maxOutputTokens !== undefined &&
    contextWindow !== undefined &&
    maxOutputTokens >= contextWindow
  ) {
    return { tokens: contextWindow, cap: undefined }
  }
  const cap = Math.min(asked ?? maxOutputTokens ?? DEFAULT_MAX_OUTPUT, maxOutputTokens ?? Number.POSITIVE_INFINITY)
  return { tokens: cap, cap }
}

function expectedOf(ceiling: TokenBound, { hasMedia, bytes, added }: Input, output: number): TokenBound {
  const input = hasMedia ? ceiling.inputTokens : Math.ceil(bytes / EXPECTED_BYTES_PER_TOKEN) + added
  return {
    inputTokens: Math.min(ceiling.inputTokens, input),
    outputTokens: Math.min(ceiling.outputTokens, output),
  }
}

/** What an attempt that may use so many tokens on a route has to set aside. */
export function needOf(bound: TokenBound, route: Route, { mayWrite1h, units, fixed }: Ask): Need {
  const tokens = bound.inputTokens + bound.outputTokens
  const most = { ...bound, mayWrite1h, units: fixed?.units ?? units ?? {} }
  return { nano_usd: ceilingOf(route.prices, most), tokens, requests: 1, in_flight: 1 }
}

// Nothing in the request lowers it, so that no limit can clamp it and nothing less is expected.
function sizeFixed(ask: Ask, { inputTokens, outputTokens }: FixedUse, route: Route): HoldSize {
  const bound = { inputTokens, outputTokens: outputTokens(route.model) }
  return { need: needOf(bound, route, ask), bound, ceiling: bound, maxOutputTokens: undefined }
}

/**
 * The hold of a request on a route. Strict: a sound upper bound, nothing it can be billed for is above it. Expected: an
 * estimate, with the caller's own output cap left as it is.
 */
export function sizeHold(ask: Ask, route: Route, { handling, maxOutputTokens, sent }: SizeRule): HoldSize {
  if (ask.fixed) return sizeFixed(ask, ask.fixed, route)
  const input = inputOf(ask, route, sent)
  const output = outputBound(ask, route.priced, maxOutputTokens)
  const ceiling = {
    inputTokens: inputBound(input),
    outputTokens: ask.choices * (output.tokens + ask.beyondCap),
  }
  if (handling.admission === 'strict') {
    return { need: needOf(ceiling, route, ask), bound: ceiling, ceiling, maxOutputTokens: output.cap }
  }
  const expected = ask.choices * (handling.expectedOutputTokens ?? DEFAULT_EXPECTED_OUTPUT)
  const bound = expectedOf(ceiling, input, expected)
  return { need: needOf(bound, route, ask), bound, ceiling, maxOutputTokens }
}
