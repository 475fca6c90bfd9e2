import { parseEvent } from '../parse-event.ts'
import { type ChatName, isNative, spoken } from './chat-body.ts'
import { nativeCalls } from './native-calls.ts'

type Json = Record<string, unknown>

/** Makes events of Cloudflare's own shape into chunks of a chat; all others pass. */
class EventWriter {
  readonly #head: Json
  #hasCalls = false
  #isNative = false
  #usage: unknown

  constructor({ id, model }: ChatName) {
    this.#head = { id, object: 'chat.completion.chunk', created: 0, model }
  }

  /** One line of the stream; those without data are passed on. */
  line(line: string): string {
    const [, data] = /^data: ?(.*)$/.exec(line) ?? []
    if (data === undefined) return `${line}\n`
    if (data.trim() === '[DONE]') return `${this.#end()}data: [DONE]\n`
    const event = parseEvent(data)
    return isNative(event) ? this.#native(event) : `${line}\n`
  }

  #native(event: Json): string {
    this.#isNative = true
    this.#usage = event.usage ?? this.#usage
    const tool_calls = nativeCalls(event.tool_calls)
    this.#hasCalls ||= tool_calls.length > 0
    const content = spoken(event.response)
    if (content === '' && tool_calls.length === 0) return ''
    return this.#chunk({ ...(content !== '' && { content }), ...(tool_calls.length > 0 && { tool_calls }) })
  }

  // Only `[DONE]` says that the answer is whole: the shape has no finish reason.
  #end(): string {
    if (!this.#isNative) return ''
    const finish = this.#chunk({}, this.#hasCalls ? 'tool_calls' : 'stop')
    return this.#usage === undefined ? `${finish}\n` : `${finish}\n${this.#say({ choices: [], usage: this.#usage })}\n`
  }

  #chunk(delta: Json, finish_reason: string | null = null): string {
    return this.#say({ choices: [{ index: 0, delta, finish_reason }] })
  }

  #say(more: Json): string {
    return `data: ${JSON.stringify({ ...this.#head, ...more })}\n`
  }
}

/** A stream of events as one of chunks of a chat, line by line, cut wherever it comes. */
export function chatEvents(name: ChatName): TransformStream<Uint8Array, Uint8Array> {
  const [writer, decoder, encoder] = [new EventWriter(name), new TextDecoder(), new TextEncoder()]
  let rest = ''
  return new TransformStream({
    transform(chunk, controller) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/)
      rest = lines.pop() ?? ''
      const text = lines.map(line => writer.line(line)).join('')
      if (text !== '') controller.enqueue(encoder.encode(text))
    },
    flush(controller) {
      if (rest !== '') controller.enqueue(encoder.encode(writer.line(rest)))
    },
  })
}
