import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { TokenLogprob } from '../chat.ts'
import { textOf } from '../read-sent.ts'

const utf8 = new TextEncoder()

/**
 * How likely one piece of text was. Cohere gives the text of a piece and the logarithms of its tokens, but not where one
 * token ends: their sum is the logarithm of the piece. `undefined` where there are none.
 */
export function pieceLogprob(value: unknown): TokenLogprob | undefined {
  const { text, logprobs } = asRecord(value)
  if (!Array.isArray(logprobs)) return undefined
  const logprob = logprobs.reduce((sum: number, each: unknown) => sum + (plainNumber(each) ?? 0), 0)
  const token = textOf(text)
  return { token, logprob, bytes: [...utf8.encode(token)], top: [] }
}
