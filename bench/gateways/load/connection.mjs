import { connect } from 'node:net'
import { FIRST_TEXT } from './answers.mjs'

const LENGTH = /content-length: *(\d+)/i
const END = '0\r\n\r\n'

/** One kept connection on a bare socket, which asks for one answer after the other. */
export class Connection {
  #socket
  #request
  #isStream
  #asked = undefined

  constructor({ host, port, request, isStream }) {
    this.#request = request
    this.#isStream = isStream
    this.#socket = connect({ host, port, noDelay: true })
    this.#socket.on('data', part => this.#hear(part))
    this.#socket.on('error', failure => this.#asked?.fail(failure))
    this.#socket.on('close', () => this.#asked?.fail(new Error('the connection was closed')))
  }

  /** Asks once. Answers the status, the milliseconds to the whole answer, and those to a stream's first text. */
  ask() {
    return new Promise((done, fail) => {
      this.#asked = { done, fail, from: performance.now(), text: '', status: 0, left: Number.NaN, firstMs: undefined }
      this.#socket.write(this.#request)
    })
  }

  close() {
    this.#asked = undefined
    this.#socket.destroy()
  }

  #hear(part) {
    const asked = this.#asked
    if (!asked) return
    const length = asked.status === 0 ? this.#hearHead(asked, part) : part.length
    if (asked.status === 0) return
    if (this.#isStream && asked.firstMs === undefined) this.#lookForText(asked, part)
    asked.left -= length
    const tail = part.length < END.length ? asked.text + part.latin1Slice() : part.latin1Slice(part.length - END.length)
    if (asked.left <= 0 || (Number.isNaN(asked.left) && tail.endsWith(END))) this.#finish(asked)
    asked.text = tail
  }

  /** How much of the body has come with the head. */
  #hearHead(asked, part) {
    asked.text += part.latin1Slice()
    const headEnd = asked.text.indexOf('\r\n\r\n')
    if (headEnd === -1) return 0
    const head = asked.text.slice(0, headEnd)
    asked.status = Number(head.slice(9, 12))
    asked.left = Number(LENGTH.exec(head)?.[1] ?? Number.NaN)
    return asked.text.length - headEnd - 4
  }

  #lookForText(asked, part) {
    if ((asked.text + part.latin1Slice()).includes(FIRST_TEXT)) asked.firstMs = performance.now() - asked.from
  }

  #finish({ done, from, status, firstMs }) {
    this.#asked = undefined
    done({ status, ms: performance.now() - from, firstMs })
  }
}
