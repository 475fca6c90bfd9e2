import { asRecord } from '../as-record.ts'
import type { ChatDelta, TokenLogprob } from '../chat.ts'
import type { StreamDecoder, WireEvent } from '../codec.ts'
import { countOf, objectIn, textOf } from '../read-sent.ts'
import { finishOf } from './finish.ts'
import { pieceLogprob } from './logprobs.ts'
import { TOOL_PLAN } from './tool-plan.ts'
import { usageOf } from './usage.ts'

type Sent = Record<string, unknown>

/** A tool call that is being filled. */
type OpenCall = { index: number; isEmpty: boolean }

function messageIn({ delta }: Sent): Sent {
  return asRecord(asRecord(delta).message)
}

function textDelta(text: string, logprob: TokenLogprob | undefined): ChatDelta[] {
  if (text === '' && !logprob) return []
  return [{ kind: 'text', choice: 0, text, ...(logprob && { logprobs: [logprob] }) }]
}

function contentDeltas(sent: Sent): ChatDelta[] {
  const content = asRecord(messageIn(sent).content)
  const thought = textOf(content.thinking)
  const thoughts: ChatDelta[] = thought === '' ? [] : [{ kind: 'reasoning', choice: 0, text: thought }]
  return [...thoughts, ...textDelta(textOf(content.text), pieceLogprob(sent.logprobs))]
}

function planDeltas(sent: Sent): ChatDelta[] {
  const text = textOf(messageIn(sent).tool_plan)
  return text === '' ? [] : [{ kind: 'reasoning', choice: 0, text, id: TOOL_PLAN }]
}

/** Reads the events of Cohere's chat, version 2. */
export class CohereStreamDecoder implements StreamDecoder {
  #isStarted = false
  #isFinished = false
  #isFailed = false
  #calls = 0
  readonly #open = new Map<unknown, OpenCall>()

  push({ event, data }: WireEvent): ChatDelta[] {
    const sent = objectIn(data)
    if (!sent || this.#isFailed) return []
    const read = this.#reader(textOf(sent.type) || event)
    if (read) return read(sent)
    const message = sent.type === undefined ? textOf(sent.message) : ''
    return message === '' ? [] : this.#fail(message)
  }

  end(): ChatDelta[] {
    if (this.#isFinished || this.#isFailed) return []
    return this.#fail('The stream ended before its answer.')
  }

  #reader(type: string | undefined): ((sent: Sent) => ChatDelta[]) | undefined {
    switch (type) {
      case 'message-start':
        return ({ id }) => this.#started([], textOf(id))
      case 'content-start':
      case 'content-delta':
        return sent => this.#started(contentDeltas(sent))
      case 'tool-plan-delta':
        return sent => this.#started(planDeltas(sent))
      case 'tool-call-start':
        return sent => this.#started(this.#openCall(sent))
      case 'tool-call-delta':
        return sent => this.#fillCall(countOf(sent.index), sent)
      case 'tool-call-end':
        return ({ index }) => this.#closeCall(countOf(index))
      case 'message-end':
        return sent => this.#started(this.#finish(asRecord(sent.delta)), textOf(sent.id))
      default:
        return undefined
    }
  }

  #started(deltas: ChatDelta[], id = ''): ChatDelta[] {
    if (this.#isStarted) return deltas
    this.#isStarted = true
    return [{ kind: 'start', id, model: '', createdMs: 0 }, ...deltas]
  }

  #openCall(sent: Sent): ChatDelta[] {
    const call = asRecord(messageIn(sent).tool_calls)
    const [index, block] = [this.#calls, countOf(sent.index)]
    this.#calls += 1
    this.#open.set(block, { index, isEmpty: true })
    const name = textOf(asRecord(call.function).name)
    return [{ kind: 'tool_call', choice: 0, index, id: textOf(call.id), name }, ...this.#fillCall(block, sent)]
  }

  #fillCall(block: unknown, sent: Sent): ChatDelta[] {
    const call = asRecord(messageIn(sent).tool_calls)
    return this.#argue(block, textOf(asRecord(call.function).arguments))
  }

  #argue(block: unknown, text: string): ChatDelta[] {
    const call = this.#open.get(block)
    if (!call || text === '') return []
    call.isEmpty = false
    return [{ kind: 'tool_arguments', choice: 0, index: call.index, text }]
  }

  // A call without arguments says nothing of them, and its arguments must be JSON.
  #closeCall(block: unknown): ChatDelta[] {
    const deltas = this.#open.get(block)?.isEmpty ? this.#argue(block, '{}') : []
    this.#open.delete(block)
    return deltas
  }

  #finish({ finish_reason: reason, usage: sent, error }: Sent): ChatDelta[] {
    if (this.#isFinished) return []
    const closing = [...this.#open.keys()].flatMap(block => this.#closeCall(block))
    const usage = usageOf(sent)
    const told: ChatDelta[] = usage ? [...closing, { kind: 'usage', usage }] : closing
    if (reason === 'ERROR') return [...told, ...this.#fail(textOf(error) || 'The generation failed.')]
    this.#isFinished = true
    return [...told, { kind: 'finish', choice: 0, finish: finishOf(reason) }]
  }

  #fail(message: string): ChatDelta[] {
    this.#isFailed = true
    return [{ kind: 'error', status: 502, code: 'error', message }]
  }
}
