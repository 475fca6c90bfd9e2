import type { Answer } from './answer.ts'
import { byteStream } from './byte-stream.ts'
import { answerChunks } from './chunks.ts'
import { pause } from './pause.ts'

/** Chunks sent before a `drop` breaks off: every opening and about half of the tokens, never an end or usage. */
function chunksBeforeDrop({ choices, model }: Answer): number {
  if (!model.drops) return Infinity
  const tokens = choices.reduce((total, { pieces }) => total + pieces.length, 0)
  return choices.length + Math.ceil(tokens / 2)
}

async function* events(answer: Answer): AsyncGenerator<string> {
  const { model, signal } = answer
  const last = chunksBeforeDrop(answer)
  let sent = 0
  for (const chunk of answerChunks(answer)) {
    if (sent === last) throw new Error('The mock broke its answer off.')
    if (model.chunkPauseMs > 0) await pause(model.chunkPauseMs, signal)
    signal?.throwIfAborted()
    yield `data: ${JSON.stringify(chunk)}\n\n`
    sent += 1
  }
  yield 'data: [DONE]\n\n'
}

/** An answer as server-sent events, made while they are read. */
export function streamedAnswer(answer: Answer): Response {
  return new Response(byteStream(events(answer)), { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
}
