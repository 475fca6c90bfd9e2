import { type Answer, answerHead } from './answer.ts'
import type { Choice, Piece } from './choice.ts'
import { toolCallId } from './whole-message.ts'

type Delta = Record<string, unknown>

function opening({ pieces }: Choice): Delta {
  return { role: 'assistant', content: pieces[0]?.kind === 'call' ? null : '', refusal: null }
}

function pieceDelta(piece: Piece): Delta {
  if (piece.kind === 'text') return { content: piece.text }
  const { index } = piece
  if (piece.kind === 'arguments') return { tool_calls: [{ index, function: { arguments: piece.text } }] }
  const call = { index, id: toolCallId(index), type: 'function', function: { name: piece.name, arguments: '' } }
  return { tool_calls: [call] }
}

/** Deltas of all choices, interleaved as vendors do: openings, then a token of each in turn. */
function* deltas(choices: Choice[]): Generator<{ index: number; delta: Delta }> {
  for (const [index, choice] of choices.entries()) yield { index, delta: opening(choice) }
  const longest = Math.max(...choices.map(({ pieces }) => pieces.length))
  for (let at = 0; at < longest; at += 1) {
    for (const [index, { pieces }] of choices.entries()) {
      const piece = pieces[at]
      if (piece) yield { index, delta: pieceDelta(piece) }
    }
  }
}

/** The chunks of a streamed answer in order: one a token between an opening and an end, then usage where asked for. */
export function* answerChunks(answer: Answer): Generator<Record<string, unknown>> {
  const { choices, usage, chat } = answer
  const asksUsage = chat.stream_options?.include_usage === true
  const head = answerHead(answer, 'chat.completion.chunk')
  const tail = asksUsage ? { usage: null } : {}
  for (const { index, delta } of deltas(choices)) {
    yield { ...head, choices: [{ index, delta, logprobs: null, finish_reason: null }], ...tail }
  }
  for (const [index, { finish }] of choices.entries()) {
    yield { ...head, choices: [{ index, delta: {}, logprobs: null, finish_reason: finish }], ...tail }
  }
  if (asksUsage) yield { ...head, choices: [], usage }
}
