// What the mock provider sends, as whole HTTP answers. Made once for each size: it must not be what limits.
import { outputTokens, textOf } from './order.mjs'

/** Pieces of text in a stream, and the milliseconds between two. */
export const PIECES = 20
export const GAP_MS = 10
/** What the first text of a stream begins with, so that a client can tell it from what a gateway puts before it. */
export const FIRST_TEXT = '~first'

const BASE = { id: 'chatcmpl-bench', created: 1_760_000_000, model: 'gpt-4o-mini' }

function usageOf(bytes) {
  const tokens = outputTokens(bytes)
  return { prompt_tokens: tokens, completion_tokens: tokens, total_tokens: 2 * tokens }
}

function wholeAnswer(bytes) {
  const choices = [{ index: 0, message: { role: 'assistant', content: textOf(bytes) }, finish_reason: 'stop' }]
  const text = JSON.stringify({ ...BASE, object: 'chat.completion', choices, usage: usageOf(bytes) })
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`
}

// A chunk of the body is one event, as vendors flush it.
function event(data) {
  const text = `data: ${data}\n\n`
  return `${text.length.toString(16)}\r\n${text}\r\n`
}

function chunk(delta, finish_reason) {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason }]
  return event(JSON.stringify({ ...BASE, object: 'chat.completion.chunk', choices, usage: null }))
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'

function streamedAnswer(bytes) {
  const length = Math.ceil(bytes / PIECES)
  const piece = n => chunk({ content: textOf(length, n === 0 ? FIRST_TEXT : '') }, null)
  const pieces = Array.from({ length: PIECES }, (_, n) => piece(n))
  const usage = JSON.stringify({ ...BASE, object: 'chat.completion.chunk', choices: [], usage: usageOf(bytes) })
  const end = `${chunk({}, 'stop')}${event(usage)}${event('[DONE]')}0\r\n\r\n`
  return [HEAD + pieces[0], ...pieces.slice(1), end]
}

function remembered(make) {
  const known = new Map()
  return bytes => known.get(bytes) ?? known.set(bytes, make(bytes)).get(bytes)
}

/** The whole answer of so many bytes of text, and the parts of the streamed one, which are sent one gap after the other. */
export const wholeOf = remembered(bytes => [wholeAnswer(bytes)])
export const streamOf = remembered(streamedAnswer)
