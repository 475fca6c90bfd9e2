import type { Json } from '../codec.ts'

/** Where an item is in the answer. */
export type Place = { id: string; outputIndex: number }

/** How an item ended. */
export type ItemStatus = 'completed' | 'incomplete'

/** Writes one item of the output as events, in which `sequence_number` is still missing, and then has it whole. */
export type ItemWriter = {
  /** The item as it is so far; whole after `close`. */
  readonly item: Json
  close(status: ItemStatus): Json[]
}

/** The event that begins an item. */
export function itemAdded({ outputIndex }: Place, item: Json): Json {
  return { type: 'response.output_item.added', output_index: outputIndex, item: { ...item } }
}

/** The event that ends it. */
export function itemDone({ outputIndex }: Place, item: Json): Json {
  return { type: 'response.output_item.done', output_index: outputIndex, item: { ...item } }
}
