import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { TokenLogprob } from '../chat.ts'
import type { Json } from '../codec.ts'

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function readToken(value: unknown) {
  const { token, logProbability } = asRecord(value)
  return { token: typeof token === 'string' ? token : '', logprob: plainNumber(logProbability) ?? 0, bytes: null }
}

/** A candidate's tokens, where it tells them. */
export function readLogprobs(logprobsResult: unknown): TokenLogprob[] | undefined {
  const { chosenCandidates, topCandidates } = asRecord(logprobsResult)
  const chosen = listOf(chosenCandidates)
  if (chosen.length === 0) return undefined
  const tops = listOf(topCandidates).map(top => listOf(asRecord(top).candidates).map(readToken))
  return chosen.map((token, index) => ({ ...readToken(token), top: tops[index] ?? [] }))
}

function writeToken({ token, logprob }: { token: string; logprob: number }): Json {
  return { token, logProbability: logprob }
}

/** `logprobsResult` and its average; nothing where no tokens are told. Gemini has no bytes of tokens. */
export function writeLogprobs(logprobs: TokenLogprob[] | undefined): Json {
  if (!logprobs || logprobs.length === 0) return {}
  const sum = logprobs.reduce((total, { logprob }) => total + logprob, 0)
  return {
    avgLogprobs: sum / logprobs.length,
    logprobsResult: {
      topCandidates: logprobs.map(({ top }) => ({ candidates: top.map(writeToken) })),
      chosenCandidates: logprobs.map(writeToken),
    },
  }
}
