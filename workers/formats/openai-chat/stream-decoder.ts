import { asRecord } from '../as-record.ts'
import type { ChatDelta, Part } from '../chat.ts'
import type { Json, StreamDecoder } from '../codec.ts'
import { given } from '../given.ts'
import { CallTracker } from './call-tracker.ts'
import { decodeContent } from './decode-answer.ts'
import { EventDecoder } from './event-decoder.ts'
import { decodeFinish } from './finish.ts'
import { decodeLogprobs } from './logprobs.ts'
import { decodeDetail, plainThoughts, type Thought } from './thoughts.ts'

type Progress = { calls: CallTracker; hasRefusal: boolean; isFinished: boolean }

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function thoughtsOf(delta: Json): Thought[] {
  const { reasoning_details: details } = delta
  if (Array.isArray(details) && details.length > 0) return details.map(decodeDetail)
  const text = plainThoughts(delta)
  return text === '' ? [] : [{ kind: 'reasoning', text }]
}

function said(part: Part, choice: number): ChatDelta[] {
  return part.kind === 'text' || part.kind === 'reasoning' ? [{ ...part, choice }] : []
}

// The last chunks may have probabilities and no text: a stop token has none.
function textDeltas(delta: Json, logprobs: unknown, choice: number): ChatDelta[] {
  const parts = [...decodeContent(delta.content), ...decodeContent(asRecord(delta.audio).transcript)]
  const deltas = parts.flatMap(part => said(part, choice))
  const tokens = decodeLogprobs({ content: asRecord(logprobs).content })
  if (!tokens) return deltas
  const at = deltas.findIndex(({ kind }) => kind === 'text')
  if (at < 0) return [...deltas, { kind: 'text', choice, text: '', logprobs: tokens }]
  return deltas.map((told, i) => (i === at && told.kind === 'text' ? { ...told, logprobs: tokens } : told))
}

function refusalDeltas(delta: Json, logprobs: unknown, choice: number): ChatDelta[] {
  const text = textOf(delta.refusal)
  const tokens = decodeLogprobs({ refusal: asRecord(logprobs).refusal })
  if (text === '' && !tokens) return []
  return [{ kind: 'refusal', choice, text, ...given({ logprobs: tokens }) }]
}

function callDeltas(delta: Json, calls: CallTracker, answerId: string): ChatDelta[] {
  const sent = Array.isArray(delta.tool_calls) ? delta.tool_calls : []
  const older = delta.function_call ? [{ function: delta.function_call }] : []
  return [...sent, ...older].flatMap(call => calls.read(call, answerId))
}

function finishDeltas(reason: unknown, choice: number, progress: Progress): ChatDelta[] {
  if (typeof reason !== 'string' || progress.isFinished) return []
  progress.isFinished = true
  const finish = decodeFinish(reason, { calls: progress.calls.hasCalls, refusal: progress.hasRefusal })
  return [{ kind: 'finish', choice, finish }]
}

/** Reads a stream of chat completion chunks. Source: OpenAI API reference, The chat completion chunk object. */
export function streamDecoder(): StreamDecoder {
  const choices = new Map<number, Progress>()
  return new EventDecoder(({ delta: sent, logprobs, finish_reason }, choice, answerId) => {
    const progress = choices.get(choice) ?? { calls: new CallTracker(choice), hasRefusal: false, isFinished: false }
    choices.set(choice, progress)
    const delta = asRecord(sent)
    const refusals = refusalDeltas(delta, logprobs, choice)
    progress.hasRefusal ||= refusals.length > 0
    return [
      ...thoughtsOf(delta).map(thought => ({ ...thought, choice })),
      ...textDeltas(delta, logprobs, choice),
      ...refusals,
      ...callDeltas(delta, progress.calls, answerId),
      ...finishDeltas(finish_reason, choice, progress),
    ]
  })
}
