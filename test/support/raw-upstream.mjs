// A provider on OpenAI's chat wire whose streams are written by the test itself, byte by byte. Calls are named by `user`.
import { once } from 'node:events'
import { createServer } from 'node:http'

const HEAD = { id: 'chatcmpl-raw', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'gpt-4o-mini' }

/** One event with text. */
export function textEvent(content) {
  const choices = [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }]
  return `data: ${JSON.stringify({ ...HEAD, choices })}\n\n`
}

/** What a whole stream ends with. */
export function lastEvents(completion_tokens) {
  const finish = { ...HEAD, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
  const usage = { prompt_tokens: 10, completion_tokens, total_tokens: 10 + completion_tokens }
  return `data: ${JSON.stringify(finish)}\n\ndata: ${JSON.stringify({ ...HEAD, choices: [], usage })}\n\ndata: [DONE]\n\n`
}

/** What a script is given of the call that it answers. */
function callOf(response) {
  const call = { taken: 0, isClosed: false, closed: once(response, 'close').then(() => (call.isClosed = true)) }
  const turn = async () => {
    const over = new AbortController()
    await Promise.race([once(response, 'drain', { signal: over.signal }), call.closed]).catch(() => undefined)
    over.abort()
  }
  /** Writes, and resolves when the other side has room for more: `taken` counts what it had room for. */
  const write = async bytes => {
    if (call.isClosed) return false
    if (!response.write(bytes)) await turn()
    call.taken += bytes.length
    return !call.isClosed
  }
  return Object.assign(call, { write })
}

async function readText(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

async function serve(request, response, scripts) {
  const script = scripts.get(JSON.parse(await readText(request)).user)
  if (!script) return response.writeHead(404).end()
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  await script(callOf(response))
  return response.end()
}

/** Starts it on a free port. A script answers the calls of its name, and ends the stream when it resolves. */
export async function startRawUpstream() {
  /** @type {Map<string, (call: { taken: number, isClosed: boolean, closed: Promise<boolean>, write(bytes: string | Uint8Array): Promise<boolean> }) => Promise<unknown>>} */
  const scripts = new Map()
  const server = createServer((request, response) => {
    serve(request, response, scripts).catch(() => response.destroy())
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const stop = () => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(() => resolve(undefined)))
  }
  return { baseUrl: `http://127.0.0.1:${port}/v1`, on: scripts.set.bind(scripts), stop }
}
