import { connect } from 'node:net'
import { MARK, nowMicros, STAMP_DIGITS } from './clock.mjs'

const BUFFER_BYTES = 64 * 1024
const END = '0\r\n\r\n'
const OK = 'HTTP/1.1 200'

/** One kept connection on a bare socket, which asks for one stream after the other. */
export class StreamConnection {
  #socket
  #request
  #tail = ''
  #asked = undefined

  constructor({ host, port, request }) {
    this.#request = request
    const onread = { buffer: Buffer.allocUnsafe(BUFFER_BYTES), callback: (count, buffer) => this.#hear(count, buffer) }
    this.#socket = connect({ host, port, noDelay: true, onread })
    this.#socket.on('error', failure => this.#asked?.fail(failure))
    this.#socket.on('close', () => this.#asked?.fail(new Error(`closed after: ${this.#tail}`)))
  }

  /** Asks for a stream. Answers when its first text came, in ms after asking, and how long each of its texts was under way. */
  ask() {
    return new Promise((done, fail) => {
      this.#asked = { done, fail, atMicros: nowMicros(), firstMs: undefined, delaysMs: [] }
      this.#tail = ''
      this.#socket.write(this.#request)
    })
  }

  close() {
    this.#asked = undefined
    this.#socket.destroy()
  }

  #hear(count, buffer) {
    const text = this.#tail + buffer.latin1Slice(0, count)
    const asked = this.#asked
    if (!asked) return true
    if (asked.firstMs === undefined && !this.#begins(text)) return true
    const seen = this.#readStamps(text)
    // A stamp, or the end, may be cut in two.
    this.#tail = text.slice(Math.max(seen, text.length - STAMP_DIGITS - 1))
    if (text.endsWith(END)) this.#finish(asked)
    return true
  }

  #begins(text) {
    if (!text.startsWith(OK.slice(0, text.length))) this.#asked.fail(new Error(text.slice(0, 600)))
    this.#tail = text
    return text.includes(MARK)
  }

  #readStamps(text) {
    const now = nowMicros()
    let seen = 0
    for (let at = text.indexOf(MARK); at >= 0; at = text.indexOf(MARK, seen)) {
      const end = at + 1 + STAMP_DIGITS
      if (end > text.length) break
      this.#asked.firstMs ??= (now - this.#asked.atMicros) / 1000
      this.#asked.delaysMs.push((now - Number(text.slice(at + 1, end))) / 1000)
      seen = end
    }
    return seen
  }

  #finish({ done, firstMs, delaysMs }) {
    this.#asked = undefined
    done({ firstMs, delaysMs })
  }
}
