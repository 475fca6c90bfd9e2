import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { TokenLogprob } from '../chat.ts'
import type { Json } from '../codec.ts'

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function decodeTop(value: unknown): TokenLogprob['top'] {
  return Object.entries(asRecord(value)).map(([token, logprob]) => ({
    token,
    logprob: plainNumber(logprob) ?? 0,
    bytes: null,
  }))
}

/** The tokens of a choice's `logprobs`, which are lists beside each other here. `undefined` where there are none. */
export function decodeLogprobs(value: unknown): TokenLogprob[] | undefined {
  const { tokens, token_logprobs, top_logprobs } = asRecord(value)
  const decoded = listOf(tokens).map((token, i) => ({
    // A token may be anything, and `String` of an object with a member `toString` throws.
    token: typeof token === 'string' ? token : '',
    logprob: plainNumber(listOf(token_logprobs)[i]) ?? 0,
    bytes: null,
    top: decodeTop(listOf(top_logprobs)[i]),
  }))
  return decoded.length > 0 ? decoded : undefined
}

function encodeTop({ top }: TokenLogprob): Record<string, number> {
  return Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]))
}

/** A choice's `logprobs`; null where there are none. `start`: where its first token stands, counted from the prompt's start. */
export function encodeLogprobs(tokens: TokenLogprob[] | undefined, start: number): Json | null {
  if (!tokens) return null
  let offset = start
  const text_offset = tokens.map(({ token }) => {
    const at = offset
    offset += token.length
    return at
  })
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(encodeTop),
    text_offset,
  }
}
