import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { ChatAnswer, ChatAsk, Choice, Finish, Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { decodeAnswerHead, decodeContent } from '../openai-chat/decode-answer.ts'
import { seconds } from '../openai-chat/encode-answer.ts'
import { decodeFinish, encodeFinish } from '../openai-chat/finish.ts'
import { encodeUsage } from '../openai-chat/usage.ts'
import { untranslatable } from '../untranslatable.ts'
import { promptLength } from './encode-request.ts'
import { decodeLogprobs, encodeLogprobs } from './logprobs.ts'

const NOTHING_ELSE = { calls: false, refusal: false }

/** Why a text ended, in nobody's words. */
export function decodeTextFinish(reason: unknown): Finish {
  return decodeFinish(reason, NOTHING_ELSE)
}

/** Why a text ended, in this wire's words. */
export function encodeTextFinish(finish: Finish): string {
  return finish === 'tool_calls' ? 'stop' : encodeFinish(finish, NOTHING_ELSE)
}

function decodeChoice(value: unknown, at: number): Choice {
  const { index, text, finish_reason, logprobs } = asRecord(value)
  const finish = decodeTextFinish(finish_reason)
  const parts = decodeContent(text)
  return given({ index: plainNumber(index) ?? at, parts, finish, logprobs: decodeLogprobs(logprobs) })
}

/** A whole answer. Source: OpenAI API reference, The completion object. */
export function decodeAnswer(body: Json): ChatAnswer {
  const choices = Array.isArray(body.choices) ? body.choices.map(decodeChoice) : []
  return { ...decodeAnswerHead(body), choices }
}

// Thoughts have no place in a text. What a caller of this wire cannot have asked for is refused.
function textOf(part: Part, index: number): string {
  if (part.kind === 'text' || part.kind === 'refusal') return part.text
  if (part.kind === 'reasoning') return ''
  throw untranslatable(`choices[${index}]`, `a text has no ${part.kind}`)
}

function encodeChoice({ index, parts, finish, logprobs }: Choice, start: number): Json {
  const text = parts.map(part => textOf(part, index)).join('')
  return { text, index, logprobs: encodeLogprobs(logprobs, start), finish_reason: encodeTextFinish(finish) }
}

/** A whole answer. Source: OpenAI API reference, The completion object. */
export function encodeAnswer(answer: ChatAnswer, ask: ChatAsk): Json {
  return given({
    id: answer.id,
    object: 'text_completion',
    created: seconds(answer.createdMs),
    model: answer.model,
    choices: answer.choices.map(choice => encodeChoice(choice, promptLength(ask))),
    usage: answer.usage && encodeUsage(answer.usage),
  })
}
