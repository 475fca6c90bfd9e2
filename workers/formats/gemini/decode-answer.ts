import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { ChatAnswer, Choice } from '../chat.ts'
import type { Json } from '../codec.ts'
import { readPart } from './answer-part.ts'
import { finishOf } from './finish.ts'
import { given } from './given.ts'
import { readLogprobs } from './logprobs.ts'
import { tierFromGemini } from './service-tier.ts'
import { readUsage } from './usage.ts'

/** What an answer, or an event of a stream, says of itself. `createdMs` is 0 where it does not say when it was made. */
export type Head = { id: string; model: string; createdMs: number }

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The head of an answer, or of an event; what is absent is empty. */
export function headOf({ responseId, modelVersion, createTime }: Json): Head {
  const createdMs = Date.parse(textOf(createTime) ?? '')
  return {
    id: textOf(responseId) ?? '',
    model: textOf(modelVersion) ?? '',
    createdMs: Number.isNaN(createdMs) ? 0 : createdMs,
  }
}

/** The place of a candidate among the answers. Protobuf's JSON leaves out a zero. */
export function indexOf({ index }: Json): number {
  const place = plainNumber(index)
  return place !== undefined && Number.isSafeInteger(place) && place > 0 ? place : 0
}

/** The parts of a candidate, as they travel. */
export function sentParts({ content }: Json): unknown[] {
  const { parts } = asRecord(content)
  return Array.isArray(parts) ? parts : []
}

/** The id of a call to which the vendor gave none: by its answer, its choice and its place. */
export function madeCallId(answerId: string, choice: number, place: number): string {
  return `call_${answerId}_${choice}_${place}`
}

/** The tier that a `usageMetadata` tells. */
export function tierOf(usageMetadata: unknown): { serviceTier?: string } {
  return given({ serviceTier: tierFromGemini(textOf(asRecord(usageMetadata).serviceTier)) })
}

/** Whether Google blocked the prompt, and so answers nothing. */
export function isBlocked({ promptFeedback }: Json): boolean {
  return textOf(asRecord(promptFeedback).blockReason) !== undefined
}

function choiceOf(candidate: Json, answerId: string): Choice {
  const index = indexOf(candidate)
  let calls = 0
  const parts = sentParts(candidate).flatMap(part => readPart(part, () => madeCallId(answerId, index, calls++)))
  const finish = finishOf(candidate.finishReason, calls > 0)
  return { index, parts, finish, ...given({ logprobs: readLogprobs(candidate.logprobsResult) }) }
}

// A prompt that Google blocked has no candidate.
function choicesOf(body: Json, answerId: string): Choice[] {
  const candidates = Array.isArray(body.candidates) ? body.candidates.map(asRecord) : []
  if (candidates.length > 0) return candidates.map(candidate => choiceOf(candidate, answerId))
  return isBlocked(body) ? [{ index: 0, parts: [], finish: 'content_filter' }] : []
}

/** A whole answer in nobody's words. */
export function decodeAnswer(body: Json): ChatAnswer {
  const head = headOf(body)
  const usage = readUsage(body.usageMetadata)
  return { ...head, choices: choicesOf(body, head.id), usage, ...tierOf(body.usageMetadata) }
}
