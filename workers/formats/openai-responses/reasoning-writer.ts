import type { Json } from '../codec.ts'
import { type ItemWriter, itemAdded, itemDone, type Place } from './item-writer.ts'
import { summaryOf } from './reasoning-item.ts'

/** Writes what the model thought: one summary, and what the client must give back with it. */
export class ReasoningWriter implements ItemWriter {
  readonly item: Json
  readonly #place: Place
  #text = ''

  constructor(place: Place) {
    this.#place = place
    this.item = { id: place.id, type: 'reasoning', summary: [] }
  }

  open(): Json[] {
    return [itemAdded(this.#place, this.item)]
  }

  /** Whether its vendor has signed it: what is thought after that is another item. */
  get isSealed(): boolean {
    return this.item.encrypted_content !== undefined
  }

  seal(encrypted: string): void {
    this.item.encrypted_content = encrypted
  }

  text(text: string): Json[] {
    if (text === '') return []
    const begun = this.#text === '' ? [this.#event('part.added', { part: { type: 'summary_text', text: '' } })] : []
    this.#text += text
    return [...begun, this.#event('text.delta', { delta: text })]
  }

  close(): Json[] {
    const summary = summaryOf(this.#text)
    this.item.summary = summary
    const ended = summary.flatMap(part => [
      this.#event('text.done', { text: this.#text }),
      this.#event('part.done', { part }),
    ])
    return [...ended, itemDone(this.#place, this.item)]
  }

  #event(name: string, members: Json): Json {
    const at = { item_id: this.#place.id, output_index: this.#place.outputIndex, summary_index: 0 }
    return { type: `response.reasoning_summary_${name}`, ...at, ...members }
  }
}
