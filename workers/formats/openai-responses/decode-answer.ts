import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { ChatAnswer, Choice, Part, TokenLogprob } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { finishOf } from './finish.ts'
import { readLogprobs } from './logprobs.ts'
import { readReasoning, saysAnything, signCalls } from './reasoning-item.ts'
import { readUsage } from './usage.ts'

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asRecord) : []
}

function contentPart({ type, text, refusal }: Json): Part[] {
  if (type === 'output_text') return [{ kind: 'text', text: textOf(text) }]
  return type === 'refusal' ? [{ kind: 'refusal', text: textOf(refusal) }] : []
}

/** The parts of an item; none of one that a tool of OpenAI's own made, since none is ever asked for. */
function partsOf(item: Json): Part[] {
  if (item.type === 'message') return listOf(item.content).flatMap(contentPart)
  if (item.type === 'reasoning') return [readReasoning(item)].filter(saysAnything)
  if (item.type !== 'function_call') return []
  const { call_id, name, arguments: text } = item
  return [{ kind: 'tool_call', id: textOf(call_id), name: textOf(name), arguments: textOf(text) }]
}

function logprobsOf(items: Json[]): TokenLogprob[] | undefined {
  const texts = items.flatMap(item => listOf(item.content))
  const logprobs = texts.flatMap(text => readLogprobs(text.logprobs) ?? [])
  return logprobs.length > 0 ? logprobs : undefined
}

function choiceOf(body: Json): Choice {
  const items = listOf(body.output)
  const parts = signCalls(items.flatMap(partsOf))
  const has = (kind: Part['kind']) => parts.some(part => part.kind === kind)
  const contains = { call: has('tool_call'), refusal: has('refusal') }
  const finish = finishOf(body.status, asRecord(body.incomplete_details).reason, contains)
  return { index: 0, parts, finish, ...given({ logprobs: logprobsOf(items) }) }
}

/** When a response was made, in UTC epoch milliseconds. */
export function createdMsOf({ created_at }: Json): number {
  return Math.round((plainNumber(created_at) ?? 0) * 1000)
}

/** A whole answer. One that failed is an error: see `decodeError`. */
export function decodeAnswer(body: Json): ChatAnswer {
  const serviceTier = typeof body.service_tier === 'string' ? body.service_tier : undefined
  return {
    id: textOf(body.id),
    model: textOf(body.model),
    createdMs: createdMsOf(body),
    choices: [choiceOf(body)],
    usage: readUsage(body.usage),
    ...given({ serviceTier }),
  }
}
