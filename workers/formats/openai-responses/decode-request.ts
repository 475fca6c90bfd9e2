import type { ChatAsk, Message, Sampling } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import { readInput } from './decode-input.ts'
import { readLogprobsOption, readReasoningOption, readShape } from './decode-options.ts'
import { readToolChoice, readTools } from './decode-tools.ts'
import {
  allowOnly,
  at,
  type Field,
  malformed,
  optional,
  readBoolean,
  readNumber,
  readObject,
  readText,
  readWhole,
} from './field.ts'
import { plainJson } from './plain-json.ts'

const TRANSLATED = [
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'reasoning',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_logprobs',
  'include',
  'metadata',
  'safety_identifier',
  'user',
  'service_tier',
  'stream',
] as const

/** They change where and how long OpenAI keeps something, and how a stream is padded; no answer. */
const HINTS = ['store', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'stream_options'] as const

/** Fields that say nothing with this value. */
const DEFAULTS = { background: false, truncation: 'disabled' } as const

/** What OpenAI keeps, and nobody else can look up. */
const KEPT = ['previous_response_id', 'conversation', 'prompt'] as const

function refuseUnknown(request: Field): void {
  for (const key of KEPT)
    if (at(request, key).value != null) throw untranslatable(key, 'it names what OpenAI stored; send the whole input')
  const unchanged = Object.entries(DEFAULTS).filter(([key, value]) => at(request, key).value === value)
  allowOnly(request, [...TRANSLATED, ...HINTS, ...unchanged.map(([key]) => key)])
}

function readMessages(request: Field): Message[] {
  const instructions = optional(at(request, 'instructions'), readText)
  const input = at(request, 'input')
  const messages = readInput(input)
  if (messages.length === 0) throw malformed(input, 'a text or a list with an item')
  if (instructions === undefined) return messages
  return [{ role: 'system', parts: [{ kind: 'text', text: instructions }] }, ...messages]
}

function readSampling(request: Field): Sampling {
  return given({
    temperature: optional(at(request, 'temperature'), readNumber),
    topP: optional(at(request, 'top_p'), readNumber),
  })
}

function readMetadata(metadata: Field): Record<string, string> {
  const keys = Object.keys(readObject(metadata))
  return Object.fromEntries(keys.map(key => [key, readText(at(metadata, key))]))
}

function readUser(request: Field): string | undefined {
  return optional(at(request, 'safety_identifier'), readText) ?? optional(at(request, 'user'), readText)
}

/** A request in nobody's words. Throws `request_invalid`, `untranslatable`. */
export function decodeRequest(body: Json, path: { model?: string; isStream?: boolean } = {}): ChatAsk {
  const request = { value: plainJson(body), path: '' }
  refuseUnknown(request)
  const isStream = path.isStream ?? optional(at(request, 'stream'), readBoolean) ?? false
  return {
    model: path.model ?? readText(at(request, 'model')),
    messages: readMessages(request),
    tools: optional(at(request, 'tools'), readTools) ?? [],
    sampling: readSampling(request),
    // There is but one answer on this wire, and its stream always ends with the usage.
    choices: 1,
    isStream,
    ...given({
      wantsStreamUsage: isStream || undefined,
      toolChoice: optional(at(request, 'tool_choice'), readToolChoice),
      parallelToolCalls: optional(at(request, 'parallel_tool_calls'), readBoolean),
      output: optional(at(request, 'text'), readShape),
      maxOutputTokens: optional(at(request, 'max_output_tokens'), readWhole),
      logprobs: readLogprobsOption(request),
      reasoning: optional(at(request, 'reasoning'), readReasoningOption),
      serviceTier: optional(at(request, 'service_tier'), readText),
      user: readUser(request),
      metadata: optional(at(request, 'metadata'), readMetadata),
    }),
  }
}
