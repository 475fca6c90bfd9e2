import type { ChatAsk, ChatDelta, TokenLogprob } from '../chat.ts'
import type { Json, StreamDecoder, StreamEncoder } from '../codec.ts'
import { given } from '../given.ts'
import { ChunkWriter } from '../openai-chat/chunk-writer.ts'
import { EventDecoder } from '../openai-chat/event-decoder.ts'
import { decodeTextFinish, encodeTextFinish } from './answers.ts'
import { promptLength } from './encode-request.ts'
import { decodeLogprobs, encodeLogprobs } from './logprobs.ts'

function textDeltas({ text, logprobs }: Json, choice: number): ChatDelta[] {
  const tokens = decodeLogprobs(logprobs)
  const said = typeof text === 'string' ? text : ''
  return said === '' && !tokens ? [] : [{ kind: 'text', choice, text: said, ...given({ logprobs: tokens }) }]
}

/** Reads a stream of text completions, whose events are small answers. */
export function streamDecoder(): StreamDecoder {
  const finished = new Set<number>()
  return new EventDecoder((sent, choice) => {
    const deltas = textDeltas(sent, choice)
    if (typeof sent.finish_reason !== 'string' || finished.has(choice)) return deltas
    finished.add(choice)
    return [...deltas, { kind: 'finish', choice, finish: decodeTextFinish(sent.finish_reason) }]
  })
}

/** Where the next token of each choice stands, counted from the prompt's start. */
class Offsets {
  readonly #at = new Map<number, number>()
  readonly #start: number

  constructor(start: number) {
    this.#start = start
  }

  take(choice: number, tokens: TokenLogprob[] | undefined): number {
    const offset = this.#at.get(choice) ?? this.#start
    const length = (tokens ?? []).reduce((sum, { token }) => sum + token.length, 0)
    this.#at.set(choice, offset + length)
    return offset
  }
}

/** Writes a stream of text completions. Thoughts and calls have no place in it. */
export function streamEncoder(ask: ChatAsk): StreamEncoder {
  const chunks = new ChunkWriter('text_completion', ask)
  const offsets = new Offsets(promptLength(ask))
  const say = (index: number, text: string, tokens?: TokenLogprob[]) => {
    const logprobs = encodeLogprobs(tokens, offsets.take(index, tokens))
    return chunks.choice({ text, index, logprobs, finish_reason: null })
  }
  return {
    push(delta) {
      if (delta.kind === 'start') chunks.start(delta)
      if (delta.kind === 'usage') chunks.keepUsage(delta)
      if (delta.kind === 'error') return chunks.fail(delta)
      if (delta.kind === 'text' || delta.kind === 'refusal') return say(delta.choice, delta.text, delta.logprobs)
      if (delta.kind !== 'finish') return ''
      const finish_reason = encodeTextFinish(delta.finish)
      return chunks.choice({ text: '', index: delta.choice, logprobs: null, finish_reason })
    },
    end: () => chunks.end(),
  }
}
