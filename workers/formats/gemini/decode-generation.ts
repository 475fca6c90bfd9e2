import type { ChatAsk, OutputShape, Sampling } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { Fields } from './fields.ts'
import { given } from './given.ts'
import { invalid } from './invalid.ts'
import { jsonSchema } from './json-schema.ts'
import { plainJson } from './plain-json.ts'
import { decodeThinking } from './thinking.ts'

/** What a `generationConfig` says of an ask. */
export type Generation = Pick<ChatAsk, 'sampling' | 'maxOutputTokens' | 'choices' | 'output' | 'logprobs' | 'reasoning'>

const SCHEMAS = ['responseSchema', 'responseJsonSchema'] as const
const NUMBERS = ['temperature', 'topP', 'topK', 'presencePenalty', 'frequencyPenalty', 'seed'] as const
const OTHERS = [
  'stopSequences',
  'maxOutputTokens',
  'candidateCount',
  'responseMimeType',
  'responseLogprobs',
  'logprobs',
]
const KNOWN = [...NUMBERS, ...OTHERS, ...SCHEMAS, 'thinkingConfig', 'responseModalities']

function decodeSampling(config: Fields): Sampling {
  const numbers = Object.fromEntries(NUMBERS.map(name => [name, config.number(name)]))
  return given({ ...numbers, stop: config.texts('stopSequences') })
}

function decodeSchema(config: Fields, field: (typeof SCHEMAS)[number]): OutputShape {
  const sent = plainJson(config.record(field))
  return { kind: 'schema', name: 'response', schema: (field === 'responseSchema' ? jsonSchema(sent) : sent) as Json }
}

function decodeOutput(config: Fields): OutputShape | undefined {
  const type = config.text('responseMimeType')
  const field = SCHEMAS.find(name => config.has(name))
  if (field && type !== 'application/json') throw invalid(config.path(field), 'needs responseMimeType application/json')
  if (field) return decodeSchema(config, field)
  if (type === undefined || type === 'text/plain') return type && { kind: 'text' }
  if (type === 'application/json') return { kind: 'json' }
  throw untranslatable(config.path('responseMimeType'), `other wires have no ${type}`)
}

function decodeLogprobs(config: Fields): { top: number } | undefined {
  const top = config.whole('logprobs')
  if (config.flag('responseLogprobs')) return { top: top ?? 0 }
  if (top !== undefined) throw invalid(config.path('logprobs'), 'needs responseLogprobs')
  return undefined
}

function checkModalities(config: Fields): void {
  const other = config.texts('responseModalities')?.find(modality => modality !== 'TEXT')
  if (other) throw untranslatable(config.path('responseModalities'), `no other wire answers a chat in ${other}`)
}

/** How an answer is to be made. Throws `untranslatable` for what only Gemini can make (speech, pictures). */
export function decodeGeneration(config = new Fields({}, 'generationConfig')): Generation {
  config.refuseOthers(KNOWN)
  checkModalities(config)
  const thinking = config.child('thinkingConfig')
  return {
    sampling: decodeSampling(config),
    choices: config.whole('candidateCount') ?? 1,
    ...given({
      maxOutputTokens: config.whole('maxOutputTokens'),
      output: decodeOutput(config),
      logprobs: decodeLogprobs(config),
      reasoning: thinking && decodeThinking(thinking),
    }),
  }
}
