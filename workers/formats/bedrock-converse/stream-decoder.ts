import { asRecord } from '../as-record.ts'
import type { ChatDelta } from '../chat.ts'
import type { StreamDecoder, WireEvent } from '../codec.ts'
import { countOf, objectIn, textOf } from '../read-sent.ts'
import { exceptionName, exceptionStatus } from './exceptions.ts'
import { finishOf, stopSequenceOf } from './finish.ts'
import { BROKEN_STREAM } from './frame-event.ts'
import { serviceTierOf, usageOf } from './usage.ts'

type Sent = Record<string, unknown>

/** A tool call that is being filled. */
type OpenCall = { index: number; isEmpty: boolean }

function reasoningDelta(value: unknown): ChatDelta[] {
  const { text, signature, redactedContent } = asRecord(value)
  const delta = { kind: 'reasoning', choice: 0, text: textOf(text) } as const
  if (typeof redactedContent === 'string') return [{ ...delta, redacted: redactedContent }]
  if (typeof signature === 'string') return [{ ...delta, signature }]
  return delta.text === '' ? [] : [delta]
}

/** Reads the events of ConverseStream, as `EventStreamReader` gives them. */
export class ConverseStreamDecoder implements StreamDecoder {
  #isStarted = false
  #isFinished = false
  #isFailed = false
  #calls = 0
  readonly #open = new Map<unknown, OpenCall>()

  push({ event, data }: WireEvent): ChatDelta[] {
    if (this.#isFailed) return []
    const read = this.#reader(event)
    const sent = read && objectIn(data)
    if (!read) return []
    if (!sent) return this.#fail({ code: BROKEN_STREAM, message: `An event ${event} that is no JSON.` })
    return read(sent)
  }

  end(): ChatDelta[] {
    if (this.#isFinished || this.#isFailed) return []
    return this.#fail({ code: BROKEN_STREAM, message: 'The stream ended before its answer.' })
  }

  #reader(event: string | undefined): ((sent: Sent) => ChatDelta[]) | undefined {
    switch (event) {
      case 'messageStart':
        return () => this.#started([])
      case 'contentBlockStart':
        return sent => this.#started(this.#openCall(sent))
      case 'contentBlockDelta':
        return sent => this.#started(this.#content(sent))
      case 'contentBlockStop':
        return sent => this.#closeCall(sent)
      case 'messageStop':
        return sent => this.#started(this.#finish(sent))
      case 'metadata':
        return sent => this.#started(this.#usage(sent))
      case 'exception':
        return sent => this.#fail(sent)
      default:
        return undefined
    }
  }

  #started(deltas: ChatDelta[]): ChatDelta[] {
    if (this.#isStarted) return deltas
    this.#isStarted = true
    return [{ kind: 'start', id: '', model: '', createdMs: 0 }, ...deltas]
  }

  // A call with a `type` is the server's own, made and answered there.
  #openCall({ start, contentBlockIndex }: Sent): ChatDelta[] {
    const { toolUse } = asRecord(start)
    const { toolUseId, name, type } = asRecord(toolUse)
    if (toolUse === undefined || type !== undefined) return []
    const index = this.#calls
    this.#calls += 1
    this.#open.set(countOf(contentBlockIndex), { index, isEmpty: true })
    return [{ kind: 'tool_call', choice: 0, index, id: textOf(toolUseId), name: textOf(name) }]
  }

  #content({ delta, contentBlockIndex }: Sent): ChatDelta[] {
    const { text, toolUse, reasoningContent } = asRecord(delta)
    if (toolUse !== undefined) return this.#fillCall(countOf(contentBlockIndex), textOf(asRecord(toolUse).input))
    if (reasoningContent !== undefined) return reasoningDelta(reasoningContent)
    return textOf(text) === '' ? [] : [{ kind: 'text', choice: 0, text: textOf(text) }]
  }

  #fillCall(block: unknown, text: string): ChatDelta[] {
    const call = this.#open.get(block)
    if (!call || text === '') return []
    call.isEmpty = false
    return [{ kind: 'tool_arguments', choice: 0, index: call.index, text }]
  }

  // A call without arguments says nothing of them, and its arguments must be JSON.
  #closeCall({ contentBlockIndex }: Sent): ChatDelta[] {
    const block = countOf(contentBlockIndex)
    const deltas = this.#open.get(block)?.isEmpty ? this.#fillCall(block, '{}') : []
    this.#open.delete(block)
    return deltas
  }

  #finish({ stopReason, additionalModelResponseFields: extra }: Sent): ChatDelta[] {
    if (this.#isFinished) return []
    this.#isFinished = true
    const closing = [...this.#open.keys()].flatMap(block => this.#closeCall({ contentBlockIndex: block }))
    return [...closing, { kind: 'finish', choice: 0, finish: finishOf(stopReason), ...stopSequenceOf(extra) }]
  }

  #usage(sent: Sent): ChatDelta[] {
    const usage = usageOf(sent.usage)
    return usage ? [{ kind: 'usage', usage, ...serviceTierOf(sent.serviceTier) }] : []
  }

  #fail(sent: Sent): ChatDelta[] {
    this.#isFailed = true
    const code = exceptionName(textOf(sent.code)) || 'UnknownError'
    const message = textOf(sent.message) || textOf(sent.originalMessage) || code
    return [{ kind: 'error', status: exceptionStatus(code), code, message }]
  }
}
