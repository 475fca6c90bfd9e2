import { type Answer, answerHead } from './answer.ts'
import { byteStream } from './byte-stream.ts'
import { pause } from './pause.ts'
import { wholeMessage } from './whole-message.ts'

function wholeBody(answer: Answer) {
  const choices = answer.choices.map((choice, index) => ({
    index,
    message: wholeMessage(choice),
    logprobs: null,
    finish_reason: choice.finish,
  }))
  return { ...answerHead(answer, 'chat.completion'), choices, usage: answer.usage }
}

async function* brokenOff(text: string): AsyncGenerator<string> {
  yield text.slice(0, text.length / 2)
  throw new Error('The mock broke its answer off.')
}

/** An answer in one piece. Rejects where the request is aborted while it waits. */
export async function wholeAnswer(answer: Answer): Promise<Response> {
  const { wholePauseMs, drops } = answer.model
  if (wholePauseMs > 0) await pause(wholePauseMs, answer.signal)
  const text = JSON.stringify(wholeBody(answer))
  return new Response(drops ? byteStream(brokenOff(text)) : text, { headers: { 'content-type': 'application/json' } })
}
