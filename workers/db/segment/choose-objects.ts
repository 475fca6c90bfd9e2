import type { SumQuery } from '../rollup/sum-query.ts'
import { columnsOf } from '../rollup/usage-group.ts'
import type { SegmentObject } from '../schema/segments.ts'
import { HOUR, SUMMARIES, tagColumn } from './segment-names.ts'

// What a question tells rows apart by, and which it wants.
function namesIn({ groupBy, filter = {}, tags = {} }: SumQuery): string[] {
  const grouped = groupBy.flatMap(columnsOf).flatMap(column => {
    if (column.kind === 'tag') return tagColumn(column.key)
    // Days, weeks and months are of whole days.
    return column.kind === 'dimension' || column.name === HOUR ? column.name : []
  })
  const filtered = Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : name))
  return [...grouped, ...filtered, ...Object.keys(tags).map(tagColumn)]
}

/** Of a day's objects those that tell a question: those of a summary, where one has all its names, else those with all rows. */
export function chooseObjects(objects: readonly SegmentObject[], query: SumQuery): SegmentObject[] {
  const asked = namesIn(query)
  const summary =
    asked.length > 0 ? SUMMARIES.find(names => asked.every(name => names.some(one => one === name))) : undefined
  const chosen = objects.filter(({ names }) => names?.join() === summary?.join())
  return chosen.length > 0 ? chosen : objects.filter(({ names }) => names === undefined)
}
