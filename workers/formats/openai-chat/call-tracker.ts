import { asRecord } from '../as-record.ts'
import type { ChatDelta } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { callSignature } from './calls.ts'

type Call = { index: number; wireIndex: unknown; id: string; name: string; waiting: string; isTold: boolean }

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Puts together the calls of one choice of a stream, and numbers them in the order they began. */
export class CallTracker {
  readonly #calls: Call[] = []
  readonly #choice: number

  constructor(choice: number) {
    this.#choice = choice
  }

  get hasCalls(): boolean {
    return this.#calls.length > 0
  }

  /** What a fragment of a call adds. A call is told once its name is known. */
  read(value: unknown, answerId: string): ChatDelta[] {
    const sent = asRecord(value)
    const { name, arguments: args } = asRecord(sent.function)
    const call = this.#find(sent) ?? this.#begin(sent, answerId)
    call.name ||= textOf(name)
    call.waiting += textOf(args)
    if (call.name === '') return []
    return [...this.#tell(call, sent), ...this.#tellArguments(call)]
  }

  // Gemini gives every call the index 0, and Mistral none: a new id with a name is a new call.
  #find(sent: Json): Call | undefined {
    const id = textOf(sent.id)
    const isNamed = textOf(asRecord(sent.function).name) !== ''
    const call = this.#calls.findLast(known => known.wireIndex === sent.index || (id !== '' && known.id === id))
    return call && id !== '' && isNamed && call.name !== '' && call.id !== id ? undefined : call
  }

  #begin(sent: Json, answerId: string): Call {
    const index = this.#calls.length
    const id = textOf(sent.id) || `call_${answerId}_${this.#choice}_${index}`
    const call = { index, wireIndex: sent.index, id, name: '', waiting: '', isTold: false }
    this.#calls.push(call)
    return call
  }

  #tell(call: Call, sent: Json): ChatDelta[] {
    if (call.isTold) return []
    call.isTold = true
    const { index, id, name } = call
    return [{ kind: 'tool_call', choice: this.#choice, index, id, name, ...given({ signature: callSignature(sent) }) }]
  }

  #tellArguments(call: Call): ChatDelta[] {
    const text = call.waiting
    call.waiting = ''
    return text === '' ? [] : [{ kind: 'tool_arguments', choice: this.#choice, index: call.index, text }]
  }
}
