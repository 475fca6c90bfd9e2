// Requests that are cut off at any moment, and what their senders know of them.
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

function bodyOf(id, random) {
  const isStream = random() < 0.7
  const outputTokens = 5 + Math.floor(random() * 60)
  return {
    model: 'openai/gpt-4o-mini',
    messages: [{ role: 'user', content: 'Tell me a story of a river. '.repeat(1 + Math.floor(random() * 5)) }],
    max_tokens: 80,
    metadata: { call: id },
    x_upstream: {
      output_tokens: outputTokens,
      chunks: 12,
      chunk_ms: isStream ? 20 + Math.floor(random() * 80) : 0,
      delay_ms: Math.floor(random() * (isStream ? 150 : 900)),
    },
    ...(isStream && { stream: true }),
  }
}

/** Sends one request to its end, or to the server's. Says how far the client saw it go. */
export async function sendCall({ baseUrl, virtualKey }, id, random) {
  const headers = { authorization: `Bearer ${virtualKey}`, 'content-type': 'application/json', 'x-request-id': id }
  const init = { method: 'POST', headers, body: JSON.stringify(bodyOf(id, random)) }
  try {
    const answer = await fetch(`${baseUrl}/v1/chat/completions`, init)
    await answer.text()
    return { id, status: answer.status, isWhole: true }
  } catch {
    return { id, status: 0, isWhole: false }
  }
}

/** Upstream calls by their request id, with what OpenAI would bill. */
export function billedById(calls) {
  const names = [...new Set(calls.map(call => call.name))]
  return new Map(
    names
      .map(name => [name, calls.filter(call => call.name === name)])
      .map(([name, of]) => [name, { times: of.length, nano: billedNano(of) }]),
  )
}
