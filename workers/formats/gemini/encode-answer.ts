import type { AnswerUsage, ChatAnswer, Choice, Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { callJson, writePart } from './answer-part.ts'
import { argsOf, malformedCall } from './call-part.ts'
import type { Head } from './decode-answer.ts'
import { finishJson } from './finish.ts'
import { writeLogprobs } from './logprobs.ts'
import { tierToClient } from './service-tier.ts'
import { writeUsage } from './usage.ts'

/** The last moment that a `Date` can hold. */
const MAX_DATE_MS = 8.64e15

/** The parts that can be said, and what is wrong with calls that cannot. */
type Written = { parts: Json[]; broken: string[] }

function write(part: Part): Written {
  if (part.kind !== 'tool_call') return { parts: writePart(part), broken: [] }
  const args = argsOf(part.arguments)
  return args ? { parts: [callJson(part, args)], broken: [] } : { parts: [], broken: [malformedCall(part)] }
}

/** The content of a candidate. It has always a part: Google's SDK takes one without for a failed answer. */
export function contentOf(parts: Json[]): Json {
  return { parts: parts.length > 0 ? parts : [{ text: '' }], role: 'model' }
}

function candidateOf(choice: Choice): Json {
  const written = choice.parts.map(write)
  const broken = written.flatMap(one => one.broken)
  return {
    content: contentOf(written.flatMap(one => one.parts)),
    ...finishJson(choice.finish, broken),
    index: choice.index,
    ...writeLogprobs(choice.logprobs),
  }
}

/** `usageMetadata`, with the tier that served the answer. */
export function usageJson(usage: AnswerUsage, serviceTier: string | undefined): Json {
  return { usageMetadata: { ...writeUsage(usage), ...tierToClient(serviceTier) } }
}

/** What an answer, or each event of a stream, says of itself. */
export function headJson({ id, model, createdMs }: Head): Json {
  const isDate = createdMs > 0 && createdMs <= MAX_DATE_MS
  const createTime = isDate ? { createTime: new Date(createdMs).toISOString() } : {}
  return { modelVersion: model, ...(id !== '' && { responseId: id }), ...createTime }
}

/** A whole answer as Gemini gives it. */
export function encodeAnswer(answer: ChatAnswer): Json {
  return {
    candidates: answer.choices.map(candidateOf),
    ...(answer.usage && usageJson(answer.usage, answer.serviceTier)),
    ...headJson(answer),
  }
}
