import type { ChatDelta, Part, TokenLogprob } from '../chat.ts'
import { given } from './given.ts'

type Text = Extract<ChatDelta, { kind: 'text' }>

/** A part of a streamed answer as deltas. `callIndex`: how many calls of its choice came before it. */
export function partDeltas(part: Part, at: { choice: number; callIndex: number }): ChatDelta[] {
  const { choice, callIndex: index } = at
  switch (part.kind) {
    case 'text':
      return [{ kind: 'text', choice, text: part.text }]
    case 'reasoning':
      return [{ choice, ...part }]
    case 'tool_call': {
      const { id, name, signature } = part
      const call = { kind: 'tool_call' as const, choice, index, id, name, ...given({ signature }) }
      return [call, { kind: 'tool_arguments', choice, index, text: part.arguments }]
    }
    default:
      // A picture of a model that was asked for words. Better no answer than one that lacks it.
      return [{ kind: 'error', status: 502, code: 'untranslatable', message: `The answer has a part of ${part.kind}.` }]
  }
}

/** The same deltas with the tokens they are of, at their first text. */
export function withLogprobs(deltas: ChatDelta[], choice: number, logprobs: TokenLogprob[] | undefined): ChatDelta[] {
  if (!logprobs) return deltas
  const first = deltas.find((delta): delta is Text => delta.kind === 'text')
  if (!first) return [...deltas, { kind: 'text', choice, text: '', logprobs }]
  return deltas.map(delta => (delta === first ? { ...first, logprobs } : delta))
}
