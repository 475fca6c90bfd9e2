/** How many bytes a value has: none where all are the same, else those of an unsigned integer, or 8 of a double. */
export type Width = 0 | 1 | 2 | 4 | 8

type Place = { name: string; at: number; bytes: number; width: Width }

/** Whole numbers: each is `base` and what is stored of it. */
export type NumberPlace = Place & { kind: 'number'; base: number }

/** Texts, of which a value is the place in a list. The list comes first, as JSON of so many bytes; its first text is the empty one. */
export type TextPlace = Place & { kind: 'text'; listBytes: number }

/** Where a column is in the bytes of its segment. Both ends are multiples of eight, so that values can be read where they lie. */
export type ColumnPlace = NumberPlace | TextPlace

/** What has to be known of a segment to read some of its columns. */
export type SegmentLayout = { rows: number; bytes: number; columns: ColumnPlace[] }

/** The most rows of a segment: a place in a list of texts then has two bytes. */
export const MAX_ROWS = 65_535

/** The next multiple of eight. */
export function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}
