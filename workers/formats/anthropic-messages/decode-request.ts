import type { ChatAsk, Sampling } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { decodeCacheMark, markLast } from './cache-mark.ts'
import { decodeMessages, decodeSystem } from './decode-messages.ts'
import { decodeOutput } from './decode-output.ts'
import { decodeTools } from './decode-tools.ts'
import { given } from './given.ts'
import {
  invalid,
  optional,
  readFlag,
  readList,
  readNumber,
  readObject,
  readText,
  readWhole,
  refuseOthers,
} from './read-fields.ts'
import { decodeAskedTier } from './service-tier.ts'

const KNOWN = [
  'model',
  'messages',
  'system',
  'max_tokens',
  'stream',
  'tools',
  'tool_choice',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'metadata',
  'service_tier',
  'thinking',
  'output_config',
  'output_format',
  'cache_control',
]

function decodeSampling(body: Json): Sampling {
  const number = (key: string) => optional(readNumber)(body[key], key)
  const stop = readList(body.stop_sequences ?? [], 'stop_sequences', readText)
  return given({
    temperature: number('temperature'),
    topP: number('top_p'),
    topK: number('top_k'),
    stop: stop.length > 0 ? stop : undefined,
  })
}

function readCap(value: unknown): number {
  if (value === undefined || value === null) throw invalid('max_tokens', 'is required')
  const tokens = readWhole(value, 'max_tokens')
  if (tokens === 0) throw untranslatable('max_tokens', '0 fills the cache and answers nothing, which no other wire has')
  return tokens
}

function decodeUser(metadata: unknown): string | undefined {
  const members = optional(readObject)(metadata, 'metadata') ?? {}
  refuseOthers(members, ['user_id'], 'metadata')
  return optional(readText)(members.user_id, 'metadata.user_id')
}

function decodePrompt(body: Json) {
  const messages = [...decodeSystem(body.system), ...decodeMessages(body.messages)]
  markLast(messages, decodeCacheMark(body.cache_control, 'cache_control'))
  return { messages, ...decodeTools(body) }
}

function readModel(value: unknown): string {
  const model = readText(value, 'model')
  if (model === '') throw invalid('model', 'must not be empty')
  return model
}

/** A request in nobody's words. `speed: "standard"` says nothing; every other field that is not known is refused. */
export function decodeRequest(body: Json, path: { model?: string; isStream?: boolean } = {}): ChatAsk {
  const { speed, ...rest } = body
  refuseOthers(speed === 'standard' ? rest : body, KNOWN)
  const isStream = optional(readFlag)(body.stream, 'stream') ?? path.isStream ?? false
  return given({
    model: readModel(body.model ?? path.model),
    ...decodePrompt(body),
    ...decodeOutput(body),
    sampling: decodeSampling(body),
    maxOutputTokens: readCap(body.max_tokens),
    choices: 1,
    serviceTier: optional(decodeAskedTier)(body.service_tier, 'service_tier'),
    user: decodeUser(body.metadata),
    isStream,
    wantsStreamUsage: isStream ? true : undefined,
  })
}
