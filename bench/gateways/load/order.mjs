// How the mock provider is told what to do: by words at the head of the prompt, which every gateway passes on.
const ORDER = /bench:([\w-]+):(\d+):(\d+):/
const FILLER = 'The river runs down from the hills and past the old town. '

/** `length` bytes of plain text that begins with `head`. */
export function textOf(length, head = '') {
  return (head + FILLER.repeat(Math.ceil(length / FILLER.length))).slice(0, Math.max(length, head.length))
}

/** A chat whose prompt has `bytes` bytes, and which asks for an answer of as many after `delayMs`. */
export function bodyOf({ subject, model, delayMs, bytes, isStream }) {
  const content = textOf(bytes, `bench:${subject}:${delayMs}:${bytes}:`)
  const stream = isStream && { stream: true, stream_options: { include_usage: true } }
  return JSON.stringify({ model, max_tokens: outputTokens(bytes), messages: [{ role: 'user', content }], ...stream })
}

/** What a request says of its answer; `undefined` where it is none of ours. */
export function readOrder(text) {
  const found = ORDER.exec(text)
  if (!found) return undefined
  return { subject: found[1], delayMs: Number(found[2]), bytes: Number(found[3]) }
}

/** The tokens that the provider bills for an answer of so many bytes; as many for a prompt of the same length. */
export function outputTokens(bytes) {
  return Math.ceil(bytes / 4)
}
