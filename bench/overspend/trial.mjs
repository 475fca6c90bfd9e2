// One case on its own keys: sends requests, keeps what came of each, and adds up in the end.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { billedNano } from '../../test/support/price.mjs'
import { figuresOf } from './account.mjs'
import { bodyOf, worstCase } from './request.mjs'

/** How long after its end a call may still be held. */
const SETTLED_MS = 500
const newName = () => `w${randomUUID().replaceAll('-', '').slice(0, 12)}`

/** Whether two bodies are of one length and one cap, so that any gateway holds the same for both. */
function isSameSize({ body: a, size: ofA }, { body: b, size: ofB }) {
  return ofA.promptWords === ofB.promptWords && ofA.maxTokens === ofB.maxTokens && a.stream === b.stream
}

function isJson(answer) {
  return /json/.test(answer.headers.get('content-type') ?? '')
}

function wordsIn(events) {
  const contents = [...events.matchAll(/"content":"([^"]*)"/g)].map(match => match[1])
  return contents.join('').split(' ').length - 1
}

/** Reads an answer, and hangs up once `abortAfter` words of it have come. */
async function readUntil(answer, abortAfter, hangUp) {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of answer.body) {
    text += decoder.decode(chunk, { stream: true })
    if (wordsIn(text) >= abortAfter) {
      hangUp()
      break
    }
  }
}

/** How a request is sent: `key` is an index. `abortAfter`: words after which the client hangs up; `abortAfterMs`: or time. */
const DEFAULT_CALL = { key: 0, isStream: false, plan: {}, abortAfter: Number.POSITIVE_INFINITY, abortAfterMs: 120_000 }

export class Trial {
  /** @type {any[]} */
  calls = []
  hasWindows = false
  #bench
  #limitNano
  #keyNano

  /** `keys` as the subject made them; `limitNano` is what all of them together may spend, `keyNano` what each may. */
  constructor(bench, keys, { limitNano, keyNano = Number.POSITIVE_INFINITY }) {
    this.#bench = bench
    this.keys = keys
    this.#limitNano = limitNano
    this.#keyNano = keyNano
  }

  get subject() {
    return this.#bench.subject
  }

  get limitNano() {
    return this.#limitNano
  }

  /** Changes the budget of the only key while requests run. */
  async setLimit(limitNano) {
    this.#limitNano = limitNano
    await this.subject.setLimit(this.keys[0], limitNano)
  }

  /** The calls of this trial that reached the upstream. */
  billed() {
    const names = new Set(this.calls.map(call => call.name))
    return this.#bench.upstream.calls.filter(call => names.has(call.name))
  }

  /** Notes a request that is about to be sent, by us or by an SDK. */
  open(size, options = {}) {
    const { plan, key, isStream, abortAfter, abortAfterMs, requestId } = { ...DEFAULT_CALL, ...options }
    const name = newName()
    this.#bench.upstream.plan(name, plan)
    const body = bodyOf(name, size, this.keys[key].model ?? this.subject.model)
    const call = { name, requestId: requestId ?? name, key, size, worstNano: worstCase(size), sentAt: Date.now() }
    this.calls.push(call)
    return Object.assign(call, {
      body: isStream ? { ...body, stream: true, stream_options: { include_usage: true } } : body,
      abortAfter,
      abortAfterMs,
      status: 0,
      endedAt: undefined,
      isWhole: false,
      refusal: undefined,
    })
  }

  /** Sends one request to its end. Answers what is known of it; never rejects. */
  async send(size, options) {
    const call = this.open(size, options)
    const headers = {
      ...this.subject.headers,
      authorization: `Bearer ${this.keys[call.key].value}`,
      'content-type': 'application/json',
      'x-request-id': call.requestId,
    }
    const aborted = new AbortController()
    const timer = setTimeout(() => aborted.abort(), call.abortAfterMs)
    const init = { method: 'POST', headers, body: JSON.stringify(call.body), signal: aborted.signal }
    try {
      const answer = await fetch(`${this.subject.baseUrl}/v1/chat/completions`, init)
      if (answer.status !== 200) await this.note(call, answer)
      else await this.#listen(call, answer, () => aborted.abort())
      call.isWhole = !aborted.signal.aborted
    } catch {
      // Cut off by the server or by the upstream: `isWhole` stays false.
    }
    clearTimeout(timer)
    call.endedAt = Date.now()
    return call
  }

  /** What an answer's status and, if it is a refusal, its numbers tell. */
  async note(call, answer) {
    call.status = answer.status
    if (answer.status === 200) return
    const text = await answer.text()
    const json = isJson(answer) ? JSON.parse(text) : {}
    if (!this.subject.isRefusal(answer.status, json)) return
    const told = this.subject.readRefusal(json)
    call.refusal = { told, isFalse: told && this.#isFalse(call, told), isAvoidable: this.#isAvoidable(call) }
  }

  /** Sends `count` at once. `make(index)` answers their options. */
  burst(count, size, make = () => ({})) {
    return Promise.all(Array.from({ length: count }, (_, index) => this.send(size, make(index))))
  }

  /** Sends `count` in bursts of `width`, each after the one before has ended and the books had a moment. */
  async waves({ count, width }, size, make) {
    for (let sent = 0; sent < count; sent += width) {
      await this.burst(Math.min(width, count - sent), size, make)
      await sleep(200)
    }
  }

  /** Waits until the books are complete, and answers the figures of the case. */
  async close(how = {}) {
    await this.#untilUpstreamIsDone()
    const book = await this.subject.readBook(this.keys, { atLeast: this.billed(), ...how })
    return figuresOf(this, book, how)
  }

  async #untilUpstreamIsDone() {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(50)) {
      if (this.billed().every(call => call.endedAt !== undefined)) return
    }
  }

  async #listen(call, answer, hangUp) {
    call.status = answer.status
    if (call.abortAfter === Number.POSITIVE_INFINITY) await answer.text()
    else await readUntil(answer, call.abortAfter, hangUp)
  }

  // By the gateway's own numbers; and, whatever it says, where it was enough even if all in flight held as much as this
  // one. Where requests differ in what they hold, that cannot be told from outside.
  #isFalse(call, { needed, remaining }) {
    const isUniform = this.calls.every(other => isSameSize(other, call))
    return needed <= remaining || (isUniform && this.#isCertain && needed <= this.#leftIf(call, () => needed))
  }

  // It would have fitted even if all in flight came to cost their most: the price of a hold that is larger than that.
  #isAvoidable(call) {
    return this.#isCertain && call.worstNano <= this.#leftIf(call, other => other.worstNano)
  }

  // Where the gateway cannot know what calls cost, or starts anew in between, nobody can say from outside.
  get #isCertain() {
    return !this.#bench.isUntold && !this.hasWindows
  }

  // What a call left, if those before it that had not long been over held so much each.
  #leftIf(call, held) {
    const others = this.calls.filter(other => other !== call && !other.refusal)
    const billed = new Map(this.billed().map(one => [one.name, one]))
    const isSettled = other => billed.get(other.name)?.endedAt < call.sentAt - SETTLED_MS
    const most = other => (isSettled(other) ? billedNano([billed.get(other.name)]) : held(other))
    const left = (nano, calls) => nano - calls.reduce((total, other) => total + most(other), 0)
    const ofKey = others.filter(other => other.key === call.key)
    return Math.min(left(this.#limitNano, others), left(this.#keyNano, ofKey))
  }
}
