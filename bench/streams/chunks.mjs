// The stream of one answer, as OpenAI's chat tells it.
import { stampOf } from './clock.mjs'

/** Chunks with text, and the milliseconds between two, which all processes of a bench read from their environment. */
export const CHUNKS = 20
export const GAP_MS = Number(process.env.STREAMS_GAP_MS ?? 10)

const head = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'gpt-4o-mini' }
const rest = { service_tier: 'default', system_fingerprint: 'fp_bench' }

function event(data) {
  const text = `data: ${data}\n\n`
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}

function chunk(delta, finish_reason, more) {
  return JSON.stringify({ ...head, ...rest, choices: [{ index: 0, delta, logprobs: null, finish_reason }], ...more })
}

const [before, after] = event(chunk({ content: `${stampOf(0)} words` }, null, { usage: null })).split(stampOf(0))
const usage = { prompt_tokens: 12, completion_tokens: CHUNKS, total_tokens: 12 + CHUNKS }

/** What an answer begins with. */
export const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'

/** One chunk with text, which says when it was sent. A chunk of the body is one event, as a vendor flushes it. */
export function textChunk(micros) {
  return before + stampOf(micros) + after
}

/** What an answer ends with: why it ends, its usage where that was asked for, and the end of the body. */
export function lastChunks(withUsage) {
  const told = withUsage ? event(JSON.stringify({ ...head, ...rest, choices: [], usage })) : ''
  return `${event(chunk({}, 'stop', { usage: null }))}${told}${event('[DONE]')}0\r\n\r\n`
}
