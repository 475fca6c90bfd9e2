import type { TokenLogprob } from '../chat.ts'
import type { Json } from '../codec.ts'
import { type ItemStatus, type ItemWriter, itemAdded, itemDone, type Place } from './item-writer.ts'
import { printLogprobs } from './logprobs.ts'

type Content = { kind: 'output_text' | 'refusal'; text: string; logprobs: Json[] }

function partOf({ kind, text, logprobs }: Content): Json {
  return kind === 'refusal' ? { type: kind, refusal: text } : { type: kind, text, annotations: [], logprobs }
}

/** Writes a message of the assistant's: text and refusals. */
export class MessageWriter implements ItemWriter {
  readonly item: Json
  readonly #place: Place
  readonly #whole: Json[] = []
  #open: Content | undefined

  constructor(place: Place) {
    this.#place = place
    this.item = { id: place.id, type: 'message', status: 'in_progress', role: 'assistant', content: [] }
  }

  open(): Json[] {
    return [itemAdded(this.#place, this.item)]
  }

  text(text: string, tokens?: TokenLogprob[]): Json[] {
    const logprobs = printLogprobs(tokens)
    const begun = this.#begin('output_text')
    this.#add(text, logprobs)
    return [...begun, { type: 'response.output_text.delta', ...this.#at(), delta: text, logprobs }]
  }

  refusal(text: string): Json[] {
    const begun = this.#begin('refusal')
    this.#add(text, [])
    return [...begun, { type: 'response.refusal.delta', ...this.#at(), delta: text }]
  }

  close(status: ItemStatus): Json[] {
    const events = this.#end()
    Object.assign(this.item, { status, content: this.#whole })
    return [...events, itemDone(this.#place, this.item)]
  }

  #at(): Json {
    return { item_id: this.#place.id, output_index: this.#place.outputIndex, content_index: this.#whole.length }
  }

  #add(text: string, logprobs: Json[]): void {
    if (!this.#open) return
    this.#open.text += text
    this.#open.logprobs.push(...logprobs)
  }

  #begin(kind: Content['kind']): Json[] {
    if (this.#open?.kind === kind) return []
    const ended = this.#end()
    this.#open = { kind, text: '', logprobs: [] }
    return [
      ...ended,
      { type: 'response.content_part.added', ...this.#at(), part: partOf({ ...this.#open, logprobs: [] }) },
    ]
  }

  #end(): Json[] {
    const content = this.#open
    if (!content) return []
    const { kind, text, logprobs } = content
    const said = kind === 'refusal' ? { refusal: text } : { text, logprobs }
    const part = partOf(content)
    const at = this.#at()
    this.#whole.push(part)
    this.#open = undefined
    return [
      { type: `response.${kind}.done`, ...at, ...said },
      { type: 'response.content_part.done', ...at, part },
    ]
  }
}
