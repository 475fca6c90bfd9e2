import type { ChatAsk } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { decodeSampling, decodeStreaming } from '../openai-chat/decode-sampling.ts'
import { Fields, invalid } from '../openai-chat/fields.ts'
import { untranslatable } from '../untranslatable.ts'

const SAMPLING = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'seed', 'stop', 'logit_bias']
const OUTPUT = ['max_tokens', 'n', 'best_of', 'echo', 'suffix', 'logprobs', 'stream', 'stream_options']
const KNOWN = ['model', 'prompt', 'user', ...SAMPLING, ...OUTPUT]

/** What this wire takes where the caller names no cap. Source: OpenAI API reference, Create completion. */
const DEFAULT_MAX_TOKENS = 16

function isTokens(list: unknown[]): boolean {
  return list.some(item => typeof item === 'number' || Array.isArray(item))
}

function decodePrompt(request: Fields): string {
  const prompt = request.get('prompt')
  if (typeof prompt === 'string') return prompt
  const list = request.list('prompt')
  if (!list) throw untranslatable('prompt', 'a chat needs a text to begin with')
  if (isTokens(list)) throw untranslatable('prompt', 'tokens mean something to one model only; send text')
  if (list.length > 1) throw untranslatable('prompt', 'a chat has one prompt; send one request for each')
  const [only] = list
  if (typeof only !== 'string') throw invalid('prompt', 'must be a string or a list of strings')
  return only
}

function refuseUntranslatable(request: Fields, choices: number): void {
  const bestOf = request.whole('best_of', 1) ?? choices
  if (bestOf !== choices) throw untranslatable('best_of', 'a chat gives back every answer that it makes')
  if (request.flag('echo')) throw untranslatable('echo', 'a chat does not give back its prompt')
  if (request.text('suffix')) throw untranslatable('suffix', 'a chat cannot be asked for what stands between two texts')
}

/** A request of POST /v1/completions: its prompt is the one message of a user. */
export function decodeRequest(body: Json): ChatAsk {
  const request = new Fields(body)
  request.onlyKnown(KNOWN)
  const choices = request.whole('n', 1) ?? 1
  refuseUntranslatable(request, choices)
  const top = request.whole('logprobs', 0)
  return given({
    model: request.needText('model'),
    messages: [{ role: 'user' as const, parts: [{ kind: 'text' as const, text: decodePrompt(request) }] }],
    tools: [],
    sampling: decodeSampling(request),
    maxOutputTokens: request.whole('max_tokens', 1) ?? DEFAULT_MAX_TOKENS,
    choices,
    logprobs: top === undefined ? undefined : { top },
    user: request.text('user'),
    ...decodeStreaming(request),
  })
}
