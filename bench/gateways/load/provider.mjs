// The mock provider: answers as the prompt's own words tell it to, and counts what it bills each subject. A process of its
// own, on bare sockets: it must not be what limits.
import { createServer } from 'node:net'
import { GAP_MS, streamOf, wholeOf } from './answers.mjs'
import { outputTokens, readOrder } from './order.mjs'

const TICK_MS = 1
const LENGTH = /content-length: *(\d+)/i
const CHUNKED = /transfer-encoding: *chunked/i
const MODELS = JSON.stringify({ object: 'list', data: [{ id: 'gpt-4o-mini', object: 'model' }] })
const OTHER = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${MODELS.length}\r\n\r\n${MODELS}`

/** What is still to be sent; each answer has its own pace. */
const sending = new Set()
let ticking
const billed = {}

function bill({ subject, bytes }) {
  billed[subject] ??= { requests: 0, promptTokens: 0, completionTokens: 0 }
  const sum = billed[subject]
  sum.requests++
  sum.promptTokens += outputTokens(bytes)
  sum.completionTokens += outputTokens(bytes)
}

function sendNext(answer) {
  if (answer.socket.destroyed) return sending.delete(answer)
  answer.socket.write(answer.parts[answer.sent++])
  answer.dueMs += GAP_MS
  return answer.sent === answer.parts.length && sending.delete(answer)
}

// Ticks only while there is something to send: at rest it must leave the machine alone.
function tick() {
  const now = performance.now()
  for (const answer of sending) if (answer.dueMs <= now) sendNext(answer)
  if (sending.size > 0) return
  clearInterval(ticking)
  ticking = undefined
}

function sendLater(answer) {
  sending.add(answer)
  ticking ??= setInterval(tick, TICK_MS)
}

function answerOn(socket, body) {
  const order = readOrder(body)
  if (!order) {
    socket.write(OTHER)
    return
  }
  bill(order)
  const isStream = /"stream": ?true/.test(body)
  const parts = (isStream ? streamOf : wholeOf)(order.bytes)
  const answer = { socket, parts, sent: 0, dueMs: performance.now() + order.delayMs }
  if (order.delayMs === 0) sendNext(answer)
  if (answer.sent < parts.length) sendLater(answer)
}

/** The body of the request that has come whole, and what came after it. */
function requestIn(text) {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const head = text.slice(0, headEnd)
  const from = headEnd + 4
  const lastChunk = CHUNKED.test(head) ? text.indexOf('0\r\n\r\n', from) : 0
  if (lastChunk === -1) return undefined
  const end = lastChunk > 0 ? lastChunk + 5 : from + Number(LENGTH.exec(head)?.[1] ?? 0)
  return text.length < end ? undefined : { body: text.slice(from, end), after: text.slice(end) }
}

function serve(socket) {
  let text = ''
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', part => {
    text += part.latin1Slice()
    for (let found = requestIn(text); found; found = requestIn(text)) {
      text = found.after
      answerOn(socket, found.body)
    }
  })
}

const server = createServer(serve)
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => process.send?.({ port: server.address().port }))
process.on('message', () => process.send?.({ billed }))
process.on('disconnect', () => process.exit(0))
