import type { ChatDelta } from '../chat.ts'
import type { Json } from '../codec.ts'
import { textOf } from './decode-answer.ts'
import { openCallId, openThought } from './seal.ts'
import { argumentsOf } from './tool-input.ts'

type OpenCall = { index: number; input: unknown; hasArguments: boolean }

function text(value: unknown): ChatDelta[] {
  return textOf(value) === '' ? [] : [{ kind: 'text', choice: 0, text: textOf(value) }]
}

function thought(value: unknown): ChatDelta[] {
  return textOf(value) === '' ? [] : [{ kind: 'reasoning', choice: 0, text: textOf(value) }]
}

function signature(value: unknown): ChatDelta[] {
  return textOf(value) === '' ? [] : [{ kind: 'reasoning', choice: 0, text: '', ...openThought(textOf(value)) }]
}

/** Reads the content of a streamed message: its blocks' starts, deltas and ends. */
export class BlockReader {
  #calls = 0
  readonly #open = new Map<unknown, OpenCall>()

  /** Blocks of Anthropic's own tools are nothing, and so are their deltas. */
  start(at: unknown, block: Json): ChatDelta[] {
    switch (block.type) {
      case 'text':
        return text(block.text)
      case 'thinking':
        return [...thought(block.thinking), ...signature(block.signature)]
      case 'redacted_thinking':
        return [{ kind: 'reasoning', choice: 0, text: '', redacted: textOf(block.data) }]
      case 'tool_use':
        return this.#startCall(at, block)
      default:
        return []
    }
  }

  delta(at: unknown, delta: Json): ChatDelta[] {
    switch (delta.type) {
      case 'text_delta':
        return text(delta.text)
      case 'thinking_delta':
        return thought(delta.thinking)
      case 'signature_delta':
        return signature(delta.signature)
      case 'input_json_delta':
        return this.#arguments(at, textOf(delta.partial_json))
      default:
        return []
    }
  }

  /** A call without streamed arguments has those it was begun with. */
  stop(at: unknown): ChatDelta[] {
    const call = this.#open.get(at)
    this.#open.delete(at)
    if (!call || call.hasArguments) return []
    return [{ kind: 'tool_arguments', choice: 0, index: call.index, text: argumentsOf(call.input) }]
  }

  stopAll(): ChatDelta[] {
    return [...this.#open.keys()].flatMap(at => this.stop(at))
  }

  #startCall(at: unknown, { id, name, input }: Json): ChatDelta[] {
    const index = this.#calls++
    this.#open.set(at, { index, input, hasArguments: false })
    return [{ kind: 'tool_call', choice: 0, index, ...openCallId(textOf(id)), name: textOf(name) }]
  }

  #arguments(at: unknown, partial: string): ChatDelta[] {
    const call = this.#open.get(at)
    if (!call || partial === '') return []
    call.hasArguments = true
    return [{ kind: 'tool_arguments', choice: 0, index: call.index, text: partial }]
  }
}
