import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { TokenLogprob } from '../chat.ts'
import type { Json } from '../codec.ts'

type Likely = TokenLogprob['top'][number]

/** A list that must be there is empty where the bytes are not known. */
function readBytes(bytes: unknown): number[] | null {
  return Array.isArray(bytes) && bytes.length > 0 ? bytes.map(byte => plainNumber(byte) ?? 0) : null
}

function readLikely(value: unknown): Likely {
  const { token, logprob, bytes } = asRecord(value)
  return { token: typeof token === 'string' ? token : '', logprob: plainNumber(logprob) ?? 0, bytes: readBytes(bytes) }
}

function readToken(value: unknown): TokenLogprob {
  const { top_logprobs } = asRecord(value)
  return { ...readLikely(value), top: Array.isArray(top_logprobs) ? top_logprobs.map(readLikely) : [] }
}

/** The log probabilities of a text; `undefined` where none are told. */
export function readLogprobs(logprobs: unknown): TokenLogprob[] | undefined {
  return Array.isArray(logprobs) && logprobs.length > 0 ? logprobs.map(readToken) : undefined
}

/** The same on this wire, which always has the list. */
export function printLogprobs(logprobs: TokenLogprob[] = []): Json[] {
  return logprobs.map(({ top, bytes, ...token }) => ({
    ...token,
    bytes: bytes ?? [],
    top_logprobs: top.map(each => ({ ...each, bytes: each.bytes ?? [] })),
  }))
}
