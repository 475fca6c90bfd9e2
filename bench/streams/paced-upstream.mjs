// Answers every chat completion with the same paced stream. A process of its own, on bare sockets: it must not be what limits.
import { createServer } from 'node:net'
import { CHUNKS, GAP_MS, HEAD, lastChunks, textChunk } from './chunks.mjs'
import { nowMicros } from './clock.mjs'

const ENDS = { true: lastChunks(true), false: lastChunks(false) }
const TICK_MS = 1
/** The answers that are being sent; each has its own pace. */
const sending = new Set()

function sendNext(answer) {
  if (answer.socket.destroyed) return sending.delete(answer)
  answer.dueMicros += GAP_MS * 1000
  if (answer.sent++ < CHUNKS) return answer.socket.write(textChunk(nowMicros()))
  sending.delete(answer)
  return answer.socket.write(ENDS[answer.withUsage])
}

function answerOn(socket, body) {
  const answer = {
    socket,
    sent: 1,
    dueMicros: nowMicros() + GAP_MS * 1000,
    withUsage: body.includes('"include_usage":true'),
  }
  socket.write(HEAD + textChunk(nowMicros()))
  sending.add(answer)
}

const LENGTH = /content-length: *(\d+)/i

/** The body of the request that has come whole, and what came after it. */
function requestIn(text) {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const length = Number(LENGTH.exec(text.slice(0, headEnd))?.[1] ?? 0)
  const end = headEnd + 4 + length
  return text.length < end ? undefined : { body: text.slice(headEnd + 4, end), after: text.slice(end) }
}

function serve(socket) {
  let text = ''
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', part => {
    text += part.toString('latin1')
    for (let found = requestIn(text); found; found = requestIn(text)) {
      text = found.after
      answerOn(socket, found.body)
    }
  })
}

function tick() {
  const now = nowMicros()
  for (const answer of sending) if (answer.dueMicros <= now) sendNext(answer)
}

setInterval(tick, TICK_MS)
const server = createServer(serve)
server.listen(0, '127.0.0.1', () => process.send?.(server.address().port))
process.on('disconnect', () => process.exit(0))
