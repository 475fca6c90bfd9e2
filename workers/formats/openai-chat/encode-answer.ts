import type { ChatAnswer, ChatAsk, Choice, Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import { encodeCall } from './calls.ts'
import { encodeFinish, hadOf } from './finish.ts'
import { encodeLogprobs } from './logprobs.ts'
import { toUrl } from './media.ts'
import { encodeThoughts } from './thoughts.ts'
import { encodeUsage } from './usage.ts'

function joined(parts: Part[], kind: 'text' | 'refusal'): string | null {
  const texts = parts.flatMap(part => (part.kind === kind ? [part.text] : []))
  return texts.length > 0 ? texts.join('') : null
}

/** Calls in the caller's words: the older ones have room for one. */
function encodeCalls(parts: Part[], isOlder: boolean): Json {
  const calls = parts.filter(part => part.kind === 'tool_call')
  const [first] = calls
  if (!first) return {}
  if (isOlder && calls.length === 1) return { function_call: { name: first.name, arguments: first.arguments } }
  return { tool_calls: calls.map(encodeCall) }
}

function encodeImages(parts: Part[]): Json {
  const images = parts.filter(part => part.kind === 'image')
  if (images.length === 0) return {}
  return { images: images.map(({ source }) => ({ type: 'image_url', image_url: { url: toUrl(source) } })) }
}

function encodeAudio(parts: Part[], answer: ChatAnswer): Json {
  const source = parts.find(part => part.kind === 'audio')?.source
  if (source?.kind !== 'data') return {}
  return { audio: { id: answer.id, data: source.base64, expires_at: seconds(answer.createdMs), transcript: '' } }
}

function encodeChoice(choice: Choice, answer: ChatAnswer, ask: ChatAsk): Json {
  const { index, parts, finish, logprobs } = choice
  const odd = parts.find(part => part.kind === 'file' || part.kind === 'tool_result')
  if (odd) throw untranslatable(`choices[${index}]`, `an answer has no ${odd.kind} on this wire`)
  const had = hadOf(parts)
  const calls = encodeCalls(parts, ask.wantsFunctionCall ?? false)
  const content = joined(parts, 'text')
  const message = { role: 'assistant', content, refusal: joined(parts, 'refusal') }
  return {
    index,
    message: { ...message, ...encodeThoughts(parts), ...encodeImages(parts), ...encodeAudio(parts, answer), ...calls },
    logprobs: encodeLogprobs(logprobs, content === null && had.refusal),
    finish_reason: calls.function_call && finish === 'tool_calls' ? 'function_call' : encodeFinish(finish, had),
  }
}

/** UTC epoch seconds, as this wire tells time. */
export function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}

/** A whole answer. Source: OpenAI API reference, The chat completion object. */
export function encodeAnswer(answer: ChatAnswer, ask: ChatAsk): Json {
  return given({
    id: answer.id,
    object: 'chat.completion',
    created: seconds(answer.createdMs),
    model: answer.model,
    choices: answer.choices.map(choice => encodeChoice(choice, answer, ask)),
    usage: answer.usage && encodeUsage(answer.usage),
    service_tier: answer.serviceTier,
  })
}
