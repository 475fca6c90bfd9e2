import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { TokenLogprob } from '../chat.ts'
import type { Json } from '../codec.ts'

function decodeBytes(value: unknown): number[] | null {
  return Array.isArray(value) ? value.map(byte => plainNumber(byte) ?? 0) : null
}

function decodeOne(value: unknown): Omit<TokenLogprob, 'top'> {
  const { token, logprob, bytes } = asRecord(value)
  return {
    token: typeof token === 'string' ? token : '',
    logprob: plainNumber(logprob) ?? 0,
    bytes: decodeBytes(bytes),
  }
}

function decodeToken(value: unknown): TokenLogprob {
  const { top_logprobs: top } = asRecord(value)
  return { ...decodeOne(value), top: Array.isArray(top) ? top.map(decodeOne) : [] }
}

function decodeList(value: unknown): TokenLogprob[] {
  return Array.isArray(value) ? value.map(decodeToken) : []
}

/** The tokens of a choice's `logprobs`: those of the content, then those of a refusal. `undefined` where there are none. */
export function decodeLogprobs(value: unknown): TokenLogprob[] | undefined {
  const { content, refusal } = asRecord(value)
  const tokens = [...decodeList(content), ...decodeList(refusal)]
  return tokens.length > 0 ? tokens : undefined
}

function encodeToken({ top, ...token }: TokenLogprob): Json {
  return { ...token, top_logprobs: top }
}

/** A choice's `logprobs`; null where there are none. */
export function encodeLogprobs(tokens: TokenLogprob[] | undefined, isRefusal: boolean): Json | null {
  if (!tokens) return null
  const list = tokens.map(encodeToken)
  return isRefusal ? { content: null, refusal: list } : { content: list, refusal: null }
}
