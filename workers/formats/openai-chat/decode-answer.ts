import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { ChatAnswer, Choice, Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { callSignature } from './calls.ts'
import { decodeFinish, hadOf } from './finish.ts'
import { decodeLogprobs } from './logprobs.ts'
import { parseDataUrl } from './media.ts'
import { decodeThoughts } from './thoughts.ts'
import { decodeUsage } from './usage.ts'

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** A part of Mistral's content list: text, or thinking, which is a list of texts. */
function decodeContentPart(value: unknown): Part {
  const { type, text, thinking } = asRecord(value)
  if (type !== 'thinking') return { kind: 'text', text: textOf(text) }
  return {
    kind: 'reasoning',
    text: listOf(thinking)
      .map(thought => textOf(asRecord(thought).text))
      .join(''),
  }
}

/** A message's or a delta's `content`: a text, or a list of parts. Empty ones are left out. */
export function decodeContent(content: unknown): Part[] {
  const parts: Part[] = Array.isArray(content)
    ? content.map(decodeContentPart)
    : [{ kind: 'text', text: textOf(content) }]
  return parts.filter(part => !('text' in part) || part.text !== '')
}

/** Pictures, as OpenRouter answers them. */
function decodeImages(images: unknown): Part[] {
  const urls = listOf(images).map(image => textOf(asRecord(asRecord(image).image_url).url))
  return urls.map(url => ({ kind: 'image', source: parseDataUrl(url) ?? { kind: 'url', url } }))
}

function decodeCalls(message: Json, answerId: string): Part[] {
  const older = message.function_call ? [{ function: message.function_call }] : []
  return [...listOf(message.tool_calls), ...older].map((value, i) => {
    const call = asRecord(value)
    const { name, arguments: args } = asRecord(call.function)
    const id = textOf(call.id) || `call_${answerId}_${i}`
    const signature = callSignature(call)
    return given({ kind: 'tool_call' as const, id, name: textOf(name), arguments: textOf(args), signature })
  })
}

function decodeMessage(message: Json, answerId: string): Part[] {
  const refusal = textOf(message.refusal)
  return [
    ...decodeThoughts(message),
    ...decodeContent(message.content),
    ...decodeContent(asRecord(message.audio).transcript),
    ...(refusal === '' ? [] : [{ kind: 'refusal' as const, text: refusal }]),
    ...decodeImages(message.images),
    ...decodeCalls(message, answerId),
  ]
}

function decodeChoice(value: unknown, at: number, answerId: string): Choice {
  const { index, message, finish_reason, logprobs } = asRecord(value)
  const parts = decodeMessage(asRecord(message), answerId)
  const finish = decodeFinish(finish_reason, hadOf(parts))
  return given({ index: plainNumber(index) ?? at, parts, finish, logprobs: decodeLogprobs(logprobs) })
}

/** The members that whole answers of both of OpenAI's wires have. */
export function decodeAnswerHead(body: Json): Omit<ChatAnswer, 'choices'> {
  const { id, model, created, service_tier } = body
  const serviceTier = textOf(service_tier) || undefined
  const createdMs = (plainNumber(created) ?? 0) * 1000
  return { id: textOf(id), model: textOf(model), createdMs, usage: decodeUsage(body), ...given({ serviceTier }) }
}

/** A whole answer. What is broken in it is left out. Source: OpenAI API reference, The chat completion object. */
export function decodeAnswer(body: Json): ChatAnswer {
  const head = decodeAnswerHead(body)
  const choices = listOf(body.choices).map((choice, i) => decodeChoice(choice, i, head.id))
  return { ...head, choices }
}
