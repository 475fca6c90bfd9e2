// A scripted vendor over HTTP. What differs from wire to wire is a `speech`:
//   route(url) -> what the path says, or undefined     key(headers) -> the vendor's key as it was sent
//   read(body, said) -> what was heard; throws a refusal     error(refusal) -> the body of an error
//   whole(call) -> a whole answer     events(call) -> a stream's events, in order, as texts or bytes
//   streamType -> what a stream is sent as     liesAs -> what it may be sent as instead
//   untold -> counts that it has not, and that are not billed
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { refusal } from './refuse.mjs'
import { countTokens, HEARD, planOf } from './script.mjs'

const TAG = /\[(cell-[\w.-]+)\]/
const PAUSE_MS = 30
/** Bytes of one event of a stream that never stops, and of all of it. */
const FLOOD_EVENT = 16 * 1024
const FLOOD = 48 * 1024 * 1024

async function readText(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

/** Cuts bytes where it happens to: between events, in the middle of a line, or of a character. */
function* shreds(bytes) {
  for (let start = 0; start < bytes.length; ) {
    const end = start + 1 + Math.floor(Math.random() * 40)
    yield bytes.subarray(start, end)
    start = end
  }
}

// One listener each, which are gone afterwards: a long stream waits often.
async function drained(response) {
  const over = new AbortController()
  const { signal } = over
  await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]).catch(() => undefined)
  over.abort()
}

// Says whether there is anyone left to hear.
async function write(response, call, bytes) {
  if (response.destroyed) return false
  call.sent.push(bytes)
  call.sentBytes += bytes.length
  if (!response.write(bytes)) await drained(response)
  return !response.destroyed
}

/** Events of texts or of bytes in one piece. */
function joined(events) {
  return Buffer.concat(events.map(event => Buffer.from(event)))
}

async function sendShreds(response, call, events) {
  for (const shred of shreds(joined(events))) {
    if (!(await write(response, call, shred))) return
    // A turn of the loop, so that shreds are not joined on their way.
    await new Promise(resolve => setImmediate(resolve))
  }
}

async function sendSlowly(response, call, events) {
  for (const event of events) {
    if (!(await write(response, call, Buffer.from(event)))) return
    await sleep(PAUSE_MS)
  }
}

// The second event again and again: a delta of text, on every wire.
async function flood(response, call, { events, delta }) {
  const filler = delta('x'.repeat(FLOOD_EVENT))
  const [head, tail] = [events.slice(0, call.speech.headEvents), events.slice(-call.speech.tailEvents)]
  if (!(await write(response, call, joined(head)))) return
  while (call.sentBytes < FLOOD) if (!(await write(response, call, Buffer.from(filler)))) return
  await write(response, call, joined(tail))
}

const SEND = {
  plain: (response, call, events) => sendShreds(response, call, events),
  lies: (response, call, events) => sendShreds(response, call, events),
  slowly: sendSlowly,
  floods: (response, call, events) => flood(response, call, { events, delta: call.speech.delta }),
  async stalls(response, call, events) {
    await sendShreds(response, call, events.slice(0, Math.ceil(events.length / 2)))
    if (!response.destroyed) await once(response, 'close')
  },
  async garbage(response, call, events) {
    const half = events.slice(0, Math.ceil(events.length / 2))
    await sendShreds(response, call, [...half, 'data: {"never": closed\n\n: nonsense\n\ndata: [1,2\n\n'])
    await write(response, call, Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28, 0x0a, 0x0a]))
  },
  async opens(response, call, events) {
    await sendShreds(response, call, events.slice(0, call.speech.headEvents))
    if (!response.destroyed) await once(response, 'close')
  },
  async 'opens-and-closes'(response, call, events) {
    await sendShreds(response, call, events.slice(0, call.speech.headEvents))
    response.destroy()
  },
  async 'opens-and-errs'(response, call, events) {
    const failure = call.speech.error({ status: 500, message: 'scripted in mid-stream', param: undefined })
    const head = events.slice(0, call.speech.headEvents)
    await sendShreds(response, call, [...head, `data: ${JSON.stringify(failure)}\n\n`])
  },
  async closes(response, call, events) {
    await sendShreds(response, call, events.slice(0, Math.ceil(events.length / 2)))
    response.destroy()
  },
}

async function sendStream(response, call) {
  const { streamType = 'text/event-stream', liesAs = 'application/json' } = call.speech
  const type = call.plan.manner === 'lies' ? liesAs : streamType
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' })
  response.flushHeaders()
  response.socket?.setNoDelay(true)
  await SEND[call.plan.manner](response, call, [...call.speech.events(call)])
  if (!response.destroyed) response.end()
}

function sendJson(response, call, { status, body, type = 'application/json', headers = {} }) {
  const bytes = Buffer.from(JSON.stringify(body))
  call.status = status
  call.sent.push(bytes)
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length, ...headers })
  response.end(bytes)
}

async function answer(response, call) {
  const { plan, speech } = call
  const failure = status => speech.error({ status, message: `scripted ${status}`, param: undefined })
  await sleep(plan.delayMs)
  const headers = plan.retryAfter === undefined ? {} : { 'retry-after': plan.retryAfter }
  if (plan.status !== 200) return sendJson(response, call, { status: plan.status, body: failure(plan.status), headers })
  if (plan.manner === 'fails-with-200') return sendJson(response, call, { status: 200, body: failure(500) })
  call.usage = { ...countTokens(call.text, plan), ...speech.untold }
  if (plan.manner === 'silent') return once(response, 'close')
  if (plan.isStream) return sendStream(response, call)
  if (plan.manner === 'slowly') await sleep(2000)
  const type = plan.manner === 'lies' ? (speech.streamType ?? 'text/event-stream') : undefined
  return sendJson(response, call, { status: 200, body: speech.whole(call), ...(type && { type }) })
}

function openCall(speeches, request, text) {
  const speech = speeches.find(one => one.route(request.url)) ?? speeches[0]
  const [, tag] = TAG.exec(text) ?? []
  const { url, headers } = request
  const head = { speech, tag, url, headers, text, status: 200, refused: undefined, plan: undefined, usage: undefined }
  return { ...head, id: 0, model: '', sent: [], sentBytes: 0, isAborted: false }
}

// What is malformed on this wire is refused as its vendor does, and remembered: a test can ask why.
async function serve(call, response, order) {
  const { speech } = call
  try {
    const said = speech.route(call.url)
    if (!said) throw refusal(404, `no such path: ${call.url}`)
    if (speech.key(call.headers, call) !== 'sk-vendor') throw refusal(401, 'not the key of this vendor')
    const body = JSON.parse(call.text)
    call.model = said.model ?? body.model
    call.plan = planOf({ ...HEARD, ...speech.read(body, said) }, order)
  } catch (thrown) {
    call.refused = thrown.message
    const { status = 400, message, param } = thrown
    return sendJson(response, call, { status, body: speech.error({ status, message, param }) })
  }
  return answer(response, call)
}

/**
 * Starts a vendor that speaks these wires on a free port. `calls` lists all that reached it, in order; `callsOf` those of a tag in
 * their text. `order` says what becomes of the calls of a tag, one after the other, the last of all that follow.
 */
export async function startVendor(...speeches) {
  /** @type {any[]} */
  const calls = []
  /** @type {Map<string, string[]>} */
  const orders = new Map()
  const orderOf = tag => {
    const [next, ...others] = orders.get(tag) ?? []
    if (others.length > 0) orders.set(tag, others)
    return next
  }
  const server = createServer(async (request, response) => {
    const call = openCall(speeches, request, await readText(request))
    call.id = calls.push(call)
    response.on('close', () => (call.isAborted = !response.writableFinished))
    await serve(call, response, orderOf(call.tag)).catch(() => response.destroy())
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const stop = () => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(() => resolve(undefined)))
  }
  const order = (tag, ...next) => orders.set(tag, next)
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    calls,
    callsOf: tag => calls.filter(call => call.tag === tag),
    order,
    stop,
  }
}
