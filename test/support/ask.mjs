// Chat requests whose size and cost are known, and the official client that sends them.
import OpenAI, { APIError } from 'openai'

const MODEL = 'openai/gpt-4o-mini'

/**
 * A request under a name of its own; all with the same wish have the same length.
 * @param {Record<string, unknown>} wish what the upstream is told
 * @param {Record<string, unknown>} [rest]
 */
export function chat(wish, { model = MODEL, ...rest } = {}) {
  const messages = [{ role: 'user', content: 'The same text every time.' }]
  return { model, messages, metadata: { call: `call-${crypto.randomUUID()}` }, x_upstream: wish, ...rest }
}

/** The length of a request on the wire. */
export function bytesOf(body) {
  return Buffer.byteLength(JSON.stringify(body))
}

/**
 * A request that costs exactly its strict hold, a token for each byte sent and all the output it may have, whatever the
 * delay.
 */
export function exactChat(maxTokens, delay_ms = 0) {
  const wish = { output_tokens: maxTokens, delay_ms: String(delay_ms).padStart(5, '0') }
  const make = prompt_tokens => chat({ prompt_tokens, ...wish }, { max_tokens: maxTokens })
  return make(bytesOf(make(100)))
}

/** The official client, which sends nothing twice. */
export function clientOf(baseUrl, apiKey) {
  return new OpenAI({ apiKey, baseURL: `${baseUrl}/v1`, maxRetries: 0 })
}

/** Asks for a whole answer. What the client throws is told as what it was answered. */
export async function ask(client, body) {
  try {
    const { data, response } = await client.chat.completions.create(body).withResponse()
    return { status: response.status, headers: response.headers, data, body }
  } catch (thrown) {
    if (!(thrown instanceof APIError)) throw thrown
    const { status, headers, code, message, error } = thrown
    return { status, headers, code, message, details: error?.details, body }
  }
}
