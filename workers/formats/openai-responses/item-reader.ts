import { asRecord } from '../as-record.ts'
import type { ChatDelta } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { type EventText, readEventText, readIndex } from './event-text.ts'
import type { Contains } from './finish.ts'
import { itemTexts } from './item-texts.ts'
import { BETWEEN_THOUGHTS } from './reasoning-item.ts'
import { parseSeal } from './seal.ts'

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/**
 * Reads the events of items. Vendors leave out deltas, or all but the last event of an item; so each event that has a text
 * whole gives what was not heard of it before.
 */
export class ItemReader {
  readonly contains: Contains = { call: false, refusal: false }
  /** How many characters of each text were heard. */
  readonly #heard = new Map<string, number>()
  /** The calls that have begun: their number by the index of their item. */
  readonly #calls = new Map<number, number>()
  /** The items of which a thought was heard. */
  readonly #thoughts = new Set<number>()
  #signature: string | undefined

  read(type: string, event: Json): ChatDelta[] {
    const outputIndex = readIndex(event.output_index)
    if (type === 'response.output_item.added') return this.#begin(asRecord(event.item), outputIndex)
    if (type === 'response.output_item.done') return this.#finish(asRecord(event.item), outputIndex)
    const text = readEventText(type, event)
    return text ? this.#hear(text) : []
  }

  #begin({ type, call_id, name }: Json, outputIndex: number): ChatDelta[] {
    if (type !== 'function_call' || this.#calls.has(outputIndex)) return []
    const index = this.#calls.size
    const signature = this.#signature
    this.#signature = undefined
    this.#calls.set(outputIndex, index)
    this.contains.call = true
    const call = { id: textOf(call_id), name: textOf(name), ...given({ signature }) }
    return [{ kind: 'tool_call', choice: 0, index, ...call }]
  }

  #finish(item: Json, outputIndex: number): ChatDelta[] {
    const begun = this.#begin(item, outputIndex)
    const texts = itemTexts(item, outputIndex).flatMap(text => this.#hear(text))
    const sealed = item.type === 'reasoning' ? this.#seal(textOf(item.encrypted_content), textOf(item.id)) : []
    return [...begun, ...texts, ...sealed]
  }

  #seal(encrypted: string, id: string): ChatDelta[] {
    if (encrypted === '') return []
    const { kind, data } = parseSeal(encrypted)
    if (kind !== 'call') return [{ kind: 'reasoning', choice: 0, text: '', [kind]: data, ...(id && { id }) }]
    this.#signature = data
    return []
  }

  #hear(event: EventText): ChatDelta[] {
    if (event.kind === 'arguments' && !this.#calls.has(event.outputIndex)) return []
    const key = `${event.kind} ${event.outputIndex} ${event.index}`
    const before = this.#heard.get(key) ?? 0
    const text = event.isWhole ? event.text.slice(before) : event.text
    if (text === '') return []
    this.#heard.set(key, before + text.length)
    return [this.#deltaOf({ ...event, text }, before === 0)]
  }

  #deltaOf({ kind, outputIndex, text, logprobs, isWhole, itemId: id }: EventText, isFirst: boolean): ChatDelta {
    if (kind === 'arguments')
      return { kind: 'tool_arguments', choice: 0, index: this.#calls.get(outputIndex) ?? 0, text }
    if (kind === 'summary' || kind === 'thought')
      return { kind: 'reasoning', choice: 0, text: this.#apart(outputIndex, isFirst) + text, ...given({ id }) }
    this.contains.refusal ||= kind === 'refusal'
    if (kind === 'refusal') return { kind, choice: 0, text }
    // The tokens of a text that is told again are told again as well.
    return { kind, choice: 0, text, ...(isWhole && !isFirst ? {} : given({ logprobs })) }
  }

  #apart(outputIndex: number, isFirst: boolean): string {
    const between = isFirst && this.#thoughts.has(outputIndex) ? BETWEEN_THOUGHTS : ''
    this.#thoughts.add(outputIndex)
    return between
  }
}
