import type { ChatDelta } from '../chat.ts'
import type { BlockWriter } from './block-writer.ts'
import { callBlock } from './encode-answer.ts'
import { isObject } from './read-fields.ts'

type CallStart = Extract<ChatDelta, { kind: 'tool_call' }>
type Call = { start: CallStart; text: string }

const KIND = 'tool_use'

/** Whether nothing but blanks can follow: the arguments are one whole object. */
function isWhole({ text }: Call): boolean {
  if (!text.trimEnd().endsWith('}')) return false
  try {
    return isObject(JSON.parse(text))
  } catch {
    return false
  }
}

/**
 * Writes calls whose arguments may come in turns as blocks that cannot: the first call is streamed as it comes, and the
 * next ones are kept until it is whole.
 */
export class CallWriter {
  readonly #blocks: BlockWriter
  readonly #seen = new Set<number>()
  readonly #waiting: Call[] = []
  #current: Call | undefined

  constructor(blocks: BlockWriter) {
    this.#blocks = blocks
  }

  start(start: CallStart): string {
    if (this.#seen.has(start.index)) return ''
    this.#seen.add(start.index)
    this.#waiting.push({ start, text: '' })
    return this.#advance()
  }

  arguments(index: number, text: string): string {
    if (this.#current?.start.index === index) return this.#stream(this.#current, text)
    const call = this.#waiting.find(({ start }) => start.index === index)
    if (!call) return ''
    call.text += text
    return this.#advance()
  }

  /** All that is kept, since other content comes, or nothing more. */
  flush(): string {
    const kept = this.#waiting.splice(0).map(call => this.#begin(call))
    this.#current = undefined
    return kept.join('')
  }

  #advance(): string {
    let written = ''
    while (this.#waiting.length > 0 && (!this.#current || isWhole(this.#current))) {
      const next = this.#waiting.shift()
      if (next) written += this.#begin(next)
    }
    return written
  }

  #begin(call: Call): string {
    this.#current = call
    const start = this.#blocks.start(KIND, callBlock(call.start, {}))
    return call.text === '' ? start : start + this.#blocks.delta({ type: 'input_json_delta', partial_json: call.text })
  }

  #stream(call: Call, text: string): string {
    call.text += text
    return this.#blocks.delta({ type: 'input_json_delta', partial_json: text })
  }
}
