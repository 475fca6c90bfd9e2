// An MCP server as the specification has it (2025-06-18, transports and lifecycle), whose path says in which of the ways that are
// allowed it answers, or how it fails:
//   /mcp     Streamable HTTP with sessions; answers are JSON
//   /events  the same; answers come in event streams, after something that the server tells
//   /plain   the same without sessions
//   /sse     the older transport: an event stream, and an address for messages
//   /stray   that one, with an address at another host
// and /old, /denied, /page, /moved, /broken, /long, /mute as `FAILURES` has them. What breaks the protocol is answered 400.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'

const VERSION = '2025-06-18'

/** What the server says that it has, in pages of two. */
export const TOOLS = [
  {
    name: 'echo',
    description: 'Says its arguments.',
    inputSchema: { type: 'object', properties: { text: { type: 'string' } } },
  },
  { name: 'fail', description: 'Fails.', inputSchema: { type: 'object' } },
  { name: 'mixed', description: 'Answers more than text.', inputSchema: { type: 'object' } },
]

const text = said => ({ type: 'text', text: said })
const PICTURE = { type: 'image', data: 'AAAA', mimeType: 'image/png' }

const CALLS = {
  echo: args => ({ content: [text(JSON.stringify(args))] }),
  fail: () => ({ content: [text('it did not work')], isError: true }),
  mixed: () => ({
    content: [text('one'), PICTURE, { type: 'resource', resource: { uri: 'file:///a', text: 'two' } }],
  }),
  shaped: () => ({ structuredContent: { sum: 3 } }),
}

const invalidParams = name => ({ error: { code: -32602, message: `Unknown tool: ${name}` } })

function answerTo({ method, params }) {
  if (method === 'initialize') {
    const serverInfo = { name: 'scripted', version: '1' }
    return { result: { protocolVersion: VERSION, capabilities: { tools: {} }, serverInfo } }
  }
  if (method === 'tools/list') {
    const from = Number(params.cursor ?? 0)
    const more = from + 2 < TOOLS.length && { nextCursor: String(from + 2) }
    return { result: { tools: TOOLS.slice(from, from + 2), ...more } }
  }
  if (method !== 'tools/call') return { error: { code: -32601, message: 'Method not found' } }
  const call = CALLS[params.name]
  return call ? { result: call(params.arguments) } : invalidParams(params.name)
}

function send(response, status, { type = 'application/json', body = '', headers = {} } = {}) {
  response.writeHead(status, { ...(body !== '' && { 'content-type': type }), ...headers })
  response.end(body)
}

const rpc = (id, answer) => JSON.stringify({ jsonrpc: '2.0', id, ...answer })
const event = data => `event: message\r\ndata: ${data}\r\n\r\n`

/** What the specification asks of a POST: that both kinds of answer are taken, and after the greeting session and version. */
function flawIn({ headers }, { method }, { sessions, path }) {
  if (!/application\/json/.test(headers.accept) || !/text\/event-stream/.test(headers.accept)) return 'accept'
  if (method === 'initialize') return undefined
  if (headers['mcp-protocol-version'] !== VERSION) return 'version'
  const session = sessions.get(headers['mcp-session-id'])
  if (path === '/plain') return undefined
  if (!session) return 'session'
  return method === 'notifications/initialized' || session.isGreeted ? undefined : 'greeting'
}

const FAILURES = {
  '/old': (response, { id }) => {
    const result = { protocolVersion: '2023-01-01', capabilities: {}, serverInfo: {} }
    send(response, 200, { body: rpc(id, { result }) })
  },
  '/denied': response => send(response, 401, { body: '{"secret":"do not tell"}' }),
  '/page': response => send(response, 200, { type: 'text/html', body: '<html>hello</html>' }),
  '/moved': response => send(response, 302, { headers: { location: '/mcp' } }),
  '/broken': response => response.destroy(),
  // Greets, and is gone when it is asked for something.
  '/leaving': (response, message) => {
    if (message.method === 'tools/call') return response.destroy()
    const body = message.id === undefined ? '' : rpc(message.id, answerTo(message))
    return send(response, message.id === undefined ? 202 : 200, { body })
  },
  '/long': (response, { id }) => send(response, 200, { body: rpc(id, { result: 'x'.repeat(5_000_000) }) }),
  // Says nothing for as long as it is waited for.
  '/mute': () => {},
}

function openSession(state, { method }) {
  if (method !== 'initialize' || state.path === '/plain') return {}
  const id = randomUUID()
  state.sessions.set(id, { isGreeted: false })
  return { 'mcp-session-id': id }
}

function answerPost(response, request, state) {
  const { message } = state
  const flaw = flawIn(request, message, state)
  if (flaw) return send(response, 400, { body: JSON.stringify({ flaw }) })
  if (message.id === undefined) {
    const session = state.sessions.get(request.headers['mcp-session-id'])
    if (session) session.isGreeted = true
    return send(response, 202)
  }
  const headers = openSession(state, message)
  const body = rpc(message.id, answerTo(message))
  if (state.path !== '/events') return send(response, 200, { body, headers })
  const told = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'x' } })
  const asked = JSON.stringify({ jsonrpc: '2.0', id: message.id, method: 'ping' })
  const stream = `: hello\n\n${event(told)}${event(asked)}${event(body)}${event(told)}`
  return send(response, 200, { type: 'text/event-stream', body: stream, headers })
}

function openStream(response, { path, streams }) {
  const id = randomUUID()
  streams.set(id, response)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const address = path === '/stray' ? `http://localhost:1/messages?id=${id}` : `/messages?id=${id}`
  response.write(`event: endpoint\ndata: ${address}\n\n`)
}

// The answer comes in the stream, in two pieces.
function answerInStream(response, message, stream) {
  if (!stream) return send(response, 404)
  send(response, 202, { type: 'text/plain', body: 'Accepted' })
  if (message.id === undefined) return undefined
  const said = event(rpc(message.id, answerTo(message)))
  stream.write(said.slice(0, 20))
  return setImmediate(() => stream.write(said.slice(20)))
}

async function readText(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

async function serve(request, response, world) {
  const { pathname: path, searchParams } = new URL(request.url, 'http://mcp')
  const state = { ...world, path }
  const body = await readText(request)
  const message = body === '' ? {} : JSON.parse(body)
  world.requests.push({ path, verb: request.method, headers: request.headers, message, raw: body })
  if (request.method === 'DELETE') {
    return send(response, world.sessions.delete(request.headers['mcp-session-id']) ? 204 : 404)
  }
  if (path === '/sse' || path === '/stray') return openStream(response, state)
  if (path === '/messages') return answerInStream(response, message, world.streams.get(searchParams.get('id')))
  if (FAILURES[path]) return FAILURES[path](response, message)
  return answerPost(response, request, { ...state, message })
}

/** Starts it on a free port. `requests`: all that reached it, in order. `sessions`: those that are open. */
export async function startMcpServer() {
  /** @type {{ path: string, verb?: string, headers: import('node:http').IncomingHttpHeaders, message: any, raw: string }[]} */
  const requests = []
  const world = { requests, sessions: new Map(), streams: new Map() }
  const server = createServer((request, response) => {
    serve(request, response, world).catch(() => response.destroy())
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const stop = () => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(() => resolve(undefined)))
  }
  const callsOf = tool => world.requests.filter(({ message }) => message.params?.name === tool)
  return { url: `http://127.0.0.1:${port}`, ...world, callsOf, stop }
}
