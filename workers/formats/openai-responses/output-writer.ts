import type { ChatDelta } from '../chat.ts'
import type { Json } from '../codec.ts'
import { CallWriter } from './call-writer.ts'
import type { Contains } from './finish.ts'
import type { ItemStatus, ItemWriter, Place } from './item-writer.ts'
import { MessageWriter } from './message-writer.ts'
import { ReasoningWriter } from './reasoning-writer.ts'
import { printSeal } from './seal.ts'

type Of<K extends ChatDelta['kind']> = Extract<ChatDelta, { kind: K }>

/** A piece of the output. */
export type OutputDelta = Of<'text' | 'refusal' | 'reasoning' | 'tool_call' | 'tool_arguments'>

function sealOf({ signature, redacted }: Of<'reasoning'>): string | undefined {
  if (redacted !== undefined) return printSeal({ kind: 'redacted', data: redacted })
  return signature === undefined ? undefined : printSeal({ kind: 'signature', data: signature })
}

/**
 * Writes the output of one answer, item after item. One message or thought is open at a time; calls stay open beside each
 * other, since they may be filled in turns.
 */
export class OutputWriter {
  readonly #stem: string
  readonly #items: ItemWriter[] = []
  readonly #calls = new Map<number, CallWriter>()
  readonly contains: Contains = { call: false, refusal: false }
  #open: MessageWriter | ReasoningWriter | undefined

  /** `stem`: the answer's id, from which those of its items are made. */
  constructor(stem: string) {
    this.#stem = stem
  }

  /** The items, each as it is so far. */
  get items(): Json[] {
    return this.#items.map(({ item }) => item)
  }

  push(delta: OutputDelta): Json[] {
    if (delta.kind === 'tool_arguments') return this.#calls.get(delta.index)?.arguments(delta.text) ?? []
    if (delta.kind === 'tool_call') return this.#call(delta)
    return delta.kind === 'reasoning' ? this.#think(delta) : this.#say(delta)
  }

  /** Ends what is open. */
  close(status: ItemStatus): Json[] {
    return [...this.#closeOpen(status), ...this.#closeCalls(status)]
  }

  #place(prefix: string, id?: string): Place {
    const outputIndex = this.#items.length
    return { id: id ?? `${prefix}_${this.#stem}_${outputIndex}`, outputIndex }
  }

  #closeOpen(status: ItemStatus): Json[] {
    const events = this.#open?.close(status) ?? []
    this.#open = undefined
    return events
  }

  #closeCalls(status: ItemStatus): Json[] {
    const events = [...this.#calls.values()].flatMap(call => call.close(status))
    this.#calls.clear()
    return events
  }

  #start<W extends MessageWriter | ReasoningWriter>(writer: W): Json[] {
    const closed = this.close('completed')
    this.#items.push(writer)
    this.#open = writer
    return [...closed, ...writer.open()]
  }

  #say(delta: Of<'text' | 'refusal'>): Json[] {
    if (delta.text === '') return []
    const isRefusal = delta.kind === 'refusal'
    this.contains.refusal ||= isRefusal
    const open = this.#open instanceof MessageWriter ? this.#open : undefined
    const writer = open ?? new MessageWriter(this.#place('msg'))
    const begun = open ? [] : this.#start(writer)
    return [...begun, ...(isRefusal ? writer.refusal(delta.text) : writer.text(delta.text, delta.logprobs))]
  }

  #think(delta: Of<'reasoning'>): Json[] {
    const seal = sealOf(delta)
    if (delta.text === '' && seal === undefined) return []
    const open = this.#goesOn(delta)
    const writer = open ?? new ReasoningWriter(this.#place('rs', delta.id))
    const events = open ? [] : this.#start(writer)
    events.push(...writer.text(delta.text))
    if (seal !== undefined) writer.seal(seal)
    return events
  }

  #goesOn({ id, redacted }: Of<'reasoning'>): ReasoningWriter | undefined {
    const open = this.#open
    if (!(open instanceof ReasoningWriter) || open.isSealed || redacted !== undefined) return undefined
    return id === undefined || id === open.item.id ? open : undefined
  }

  // The signature goes ahead as a thought of its own: a call has no place for it, and clients send thoughts back.
  #sign(signature: string | undefined): Json[] {
    if (signature === undefined) return []
    const writer = new ReasoningWriter(this.#place('rs'))
    this.#items.push(writer)
    writer.seal(printSeal({ kind: 'call', data: signature }))
    return [...writer.open(), ...writer.close()]
  }

  #call({ index, id, name, signature }: Of<'tool_call'>): Json[] {
    const events = [...this.#closeOpen('completed'), ...this.#sign(signature)]
    const writer = new CallWriter(this.#place('fc'), { id, name })
    this.contains.call = true
    this.#items.push(writer)
    this.#calls.set(index, writer)
    return [...events, ...writer.open()]
  }
}
