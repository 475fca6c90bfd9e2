import type { ChatAsk, OutputShape, Reasoning } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import { decodeMessages } from './decode-messages.ts'
import { decodeSampling, decodeStreaming } from './decode-sampling.ts'
import { decodeTools } from './decode-tools.ts'
import { Fields, invalid } from './fields.ts'

const SAMPLING = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'seed', 'stop', 'logit_bias']
const TOOLS = ['tools', 'tool_choice', 'parallel_tool_calls', 'functions', 'function_call']
const OUTPUT = ['response_format', 'max_tokens', 'max_completion_tokens', 'n', 'logprobs', 'top_logprobs', 'modalities']
const CALLER = ['user', 'safety_identifier', 'metadata', 'service_tier', 'reasoning_effort', 'stream', 'stream_options']
const HINTS = ['store', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention']
const KNOWN = ['model', 'messages', ...SAMPLING, ...TOOLS, ...OUTPUT, ...CALLER, ...HINTS]

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const

function decodeSchema(format: Fields): OutputShape {
  const schema = format.needFields('json_schema')
  schema.onlyKnown(['name', 'description', 'schema', 'strict'])
  return given({
    kind: 'schema' as const,
    name: schema.needText('name'),
    description: schema.text('description'),
    schema: schema.record('schema') ?? {},
    strict: schema.flag('strict'),
  })
}

function decodeOutput(request: Fields): OutputShape | undefined {
  const format = request.fields('response_format')
  if (!format) return undefined
  const type = format.needText('type')
  format.onlyKnown(type === 'json_schema' ? ['type', 'json_schema'] : ['type'])
  if (type === 'text') return { kind: 'text' }
  if (type === 'json_object') return { kind: 'json' }
  if (type === 'json_schema') return decodeSchema(format)
  throw untranslatable(format.at('type'), `no other wire has the format ${type}`)
}

function decodeLogprobs(request: Fields): { top: number } | undefined {
  const top = request.whole('top_logprobs', 0)
  const isAsked = request.flag('logprobs') ?? false
  if (!isAsked && top) throw invalid('top_logprobs', 'needs logprobs to be true')
  return isAsked ? { top: top ?? 0 } : undefined
}

function decodeReasoning(request: Fields): Reasoning | undefined {
  if (request.get('reasoning_effort') === 'max') {
    throw untranslatable('reasoning_effort', 'no other wire has the effort max')
  }
  const effort = request.oneOf('reasoning_effort', EFFORTS)
  return effort && { effort }
}

// Both are ceilings; where a caller sends both, each must hold.
function decodeCap(request: Fields): number | undefined {
  const caps = [request.whole('max_completion_tokens', 1), request.whole('max_tokens', 1)]
  const sent = caps.filter(cap => cap !== undefined)
  return sent.length > 0 ? Math.min(...sent) : undefined
}

function decodeMetadata(request: Fields): Record<string, string> | undefined {
  const metadata = request.fields('metadata')
  if (!metadata) return undefined
  const keys = Object.keys(request.record('metadata') ?? {})
  return Object.fromEntries(keys.map(key => [key, metadata.text(key) ?? '']))
}

function refuseOtherOutput(request: Fields): void {
  const isOnlyText = request.list('modalities')?.every(modality => modality === 'text') ?? true
  if (!isOnlyText) throw untranslatable('modalities', 'only text can be asked for')
}

/** A request of POST /v1/chat/completions. Source: OpenAI API reference, Create chat completion. */
export function decodeRequest(body: Json): ChatAsk {
  const request = new Fields(body)
  request.onlyKnown(KNOWN)
  refuseOtherOutput(request)
  return given({
    model: request.needText('model'),
    messages: decodeMessages(request),
    ...decodeTools(request),
    output: decodeOutput(request),
    sampling: decodeSampling(request),
    maxOutputTokens: decodeCap(request),
    choices: request.whole('n', 1) ?? 1,
    logprobs: decodeLogprobs(request),
    reasoning: decodeReasoning(request),
    serviceTier: request.text('service_tier'),
    user: request.text('user') ?? request.text('safety_identifier'),
    metadata: decodeMetadata(request),
    ...decodeStreaming(request),
  })
}
