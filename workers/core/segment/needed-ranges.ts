import type { ColumnPlace } from './layout.ts'

/** A stretch of a segment's bytes, and the columns in it that are wanted. */
export type NeededRange = { offset: number; length: number; places: ColumnPlace[] }

/** So many bytes between two columns are read along: another request takes longer. */
const MAX_GAP = 262_144

/** The fewest stretches that have these columns, without much of what is between them. Columns without bytes are in whichever is first. */
export function neededRanges(places: ColumnPlace[], maxGap = MAX_GAP): NeededRange[] {
  const ranges: NeededRange[] = []
  for (const place of places.filter(one => one.bytes > 0).toSorted((a, b) => a.at - b.at)) {
    const last = ranges.at(-1)
    if (!last || place.at - (last.offset + last.length) > maxGap) {
      ranges.push({ offset: place.at, length: place.bytes, places: [place] })
    } else {
      last.length = place.at + place.bytes - last.offset
      last.places.push(place)
    }
  }
  return ranges
}
