import type { Sampling } from '../chat.ts'
import { given } from '../given.ts'
import { type Fields, invalid } from './fields.ts'

function decodeStop(request: Fields): string[] | undefined {
  const stop = request.get('stop')
  if (typeof stop === 'string') return [stop]
  const list = request.list('stop')
  if (list?.some(word => typeof word !== 'string')) throw invalid('stop', 'must be a string or a list of strings')
  return list && list.length > 0 ? list.map(String) : undefined
}

function decodeLogitBias(request: Fields): Record<string, number> | undefined {
  const bias = request.fields('logit_bias')
  if (!bias) return undefined
  const tokens = Object.keys(request.record('logit_bias') ?? {})
  return Object.fromEntries(tokens.map(token => [token, bias.number(token) ?? 0]))
}

/** How words are chosen: the same members on both of OpenAI's wires. */
export function decodeSampling(request: Fields): Sampling {
  return given({
    temperature: request.number('temperature'),
    topP: request.number('top_p'),
    presencePenalty: request.number('presence_penalty'),
    frequencyPenalty: request.number('frequency_penalty'),
    seed: request.number('seed'),
    stop: decodeStop(request),
    logitBias: decodeLogitBias(request),
  })
}

/** Whether the answer is streamed, and with its usage. */
export function decodeStreaming(request: Fields): { isStream: boolean; wantsStreamUsage?: boolean } {
  const options = request.fields('stream_options')
  options?.onlyKnown(['include_usage', 'include_obfuscation'])
  return given({ isStream: request.flag('stream') ?? false, wantsStreamUsage: options?.flag('include_usage') })
}
