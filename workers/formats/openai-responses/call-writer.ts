import type { Json } from '../codec.ts'
import { type ItemStatus, type ItemWriter, itemAdded, itemDone, type Place } from './item-writer.ts'

/** Writes a call of a function. */
export class CallWriter implements ItemWriter {
  readonly item: Json
  readonly #place: Place
  readonly #name: string
  #arguments = ''

  constructor(place: Place, call: { id: string; name: string }) {
    this.#place = place
    this.#name = call.name
    const { id, name } = call
    this.item = { id: place.id, type: 'function_call', status: 'in_progress', call_id: id, name, arguments: '' }
  }

  open(): Json[] {
    return [itemAdded(this.#place, this.item)]
  }

  arguments(text: string): Json[] {
    if (text === '') return []
    this.#arguments += text
    return [this.#event('delta', { delta: text })]
  }

  /** Who reads the arguments reads JSON, so none are an empty object. */
  close(status: ItemStatus): Json[] {
    const none = this.#arguments === '' && status === 'completed' ? this.arguments('{}') : []
    Object.assign(this.item, { status, arguments: this.#arguments })
    const done = this.#event('done', { name: this.#name, arguments: this.#arguments })
    return [...none, done, itemDone(this.#place, this.item)]
  }

  #event(name: string, members: Json): Json {
    const at = { item_id: this.#place.id, output_index: this.#place.outputIndex }
    return { type: `response.function_call_arguments.${name}`, ...at, ...members }
  }
}
