// Requests that are cut off at any moment, and what their senders know of them.
import { setTimeout as sleep } from 'node:timers/promises'
import { billedNano } from '../support/price.mjs'

/** A pseudo-random sequence in [0, 1) that its seed repeats (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Every random number of a call is drawn before anything runs, so that a seed repeats it whatever the machine does. */
export function drawCall(id, random, { withinMs, streams, chunks, chunkMs, delayMs }) {
  const isStream = random() < streams
  const words = 'Tell me a story of a river. '.repeat(1 + Math.floor(random() * 5))
  const x_upstream = {
    output_tokens: 5 + Math.floor(random() * 60),
    chunks,
    chunk_ms: isStream ? Math.floor(random() * chunkMs) : 0,
    delay_ms: delayMs.from + Math.floor(random() * delayMs.spread),
  }
  const body = { ...bodyOf(id, words, 80), x_upstream, ...(isStream && { stream: true }) }
  return { id, afterMs: random() * withinMs, body }
}

/** A request for the longest answer there is: what it holds is far more than all that a run can leave of a limit. */
export function longCall(id) {
  return { id, afterMs: 0, body: { ...bodyOf(id, 'All that is left.', 16_000), stream: true } }
}

function bodyOf(id, content, max_tokens) {
  return { model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content }], max_tokens, metadata: { call: id } }
}

/** Sends one request to its end, or to the server's. Says how far the client saw it go. */
export async function sendCall({ baseUrl, virtualKey, feature }, { id, afterMs, body }) {
  await sleep(afterMs)
  const authorization = `Bearer ${virtualKey}`
  const headers = { authorization, 'content-type': 'application/json', 'x-request-id': id, 'x-feature': feature }
  try {
    const init = { method: 'POST', headers, body: JSON.stringify(body) }
    const answer = await fetch(`${baseUrl}/v1/chat/completions`, init)
    await answer.text()
    return { id, status: answer.status, isWhole: true, heldUsd: Number(answer.headers.get('x-weir-held-usd')) }
  } catch {
    return { id, status: 0, isWhole: false, heldUsd: 0 }
  }
}

/** Upstream calls by their request id, with what OpenAI would bill. */
export function billedById(calls) {
  const byName = Object.groupBy(calls, call => call.name)
  return new Map(Object.entries(byName).map(([name, of = []]) => [name, { times: of.length, nano: billedNano(of) }]))
}
