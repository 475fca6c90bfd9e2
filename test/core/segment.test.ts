import fc from 'fast-check'
import { describe, it } from 'vitest'
import { numberColumn, type Put, RowGatherer } from '../../workers/core/segment/gather-rows.ts'
import { GroupTable } from '../../workers/core/segment/group-table.ts'
import { neededRanges } from '../../workers/core/segment/needed-ranges.ts'
import { packSegment } from '../../workers/core/segment/pack-segment.ts'
import { readColumn } from '../../workers/core/segment/read-column.ts'
import { type GroupBy, type Scan, scanSegment } from '../../workers/core/segment/scan-segment.ts'
import type { SegmentColumns } from '../../workers/core/segment/segment-columns.ts'

const BIG = Number.MAX_SAFE_INTEGER
const TEXTS = ['agent', 'team']
const NUMBERS: { name: string; put: Put }[] = [
  { name: 'hour', put: 'max' },
  { name: 'events', put: 'sum' },
  { name: 'cost', put: 'sum' },
  { name: 'first', put: 'min' },
  { name: 'last', put: 'max' },
]

const aName = fc.constantFrom('', 'a', 'b', 'ü', '𝒳', '"\\')
const aCost = fc.oneof(
  fc.nat({ max: 200 }),
  fc.nat({ max: 70_000 }),
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(BIG, -BIG, 2 ** 32, 2 ** 32 - 1),
)
const anEvent = fc.record({
  hour: fc.constantFrom(0, 7, 23),
  names: fc.tuple(aName, aName),
  tags: fc.dictionary(fc.constantFrom('x', 'y', 'y z'), aName, { maxKeys: 2 }),
  cost: aCost,
  at: fc.integer({ min: 1_700_000_000_000, max: 1_700_086_400_000 }),
})
type Event = typeof anEvent extends fc.Arbitrary<infer T> ? T : never

function textsOf({ names: [agent, team], tags }: Event): Map<string, string> {
  const named = Object.entries(tags).map(([key, value]) => [`tag:${key}`, value] as const)
  return new Map([['agent', agent], ['team', team], ...named])
}

function gathered(events: Event[]): SegmentColumns {
  const rows = new RowGatherer(TEXTS, NUMBERS)
  for (const event of events) {
    rows.add({ texts: textsOf(event), numbers: [event.hour, 1, event.cost, event.at, event.at] })
  }
  return rows.columns()
}

// Read as a question reads it: by stretches of bytes that were fetched by themselves.
function reread(packed: ReturnType<typeof packSegment>, maxGap: number): SegmentColumns {
  const { layout, bytes } = packed
  const empty = layout.columns.filter(place => place.bytes === 0)
  const ranges = neededRanges(layout.columns, maxGap)
  const read = ranges.flatMap(({ offset, length, places }) => {
    const piece = { at: offset, bytes: bytes.slice(offset, offset + length).buffer }
    return places.map(place => readColumn(place, piece, layout.rows))
  })
  const constant = empty.map(place => readColumn(place, { at: place.at, bytes: new ArrayBuffer(0) }, layout.rows))
  return { rows: layout.rows, columns: [...read, ...constant] }
}

const byName = ({ rows, columns }: SegmentColumns) => ({
  rows,
  columns: columns.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
})

const aGroup = fc.constantFrom<GroupBy>(
  ...([{ text: 'agent' }, { text: 'team' }, { text: 'tag:y z' }, { text: 'tag:nobody' }, { value: 42 }] as const),
  { number: 'hour', shownAs: hour => hour * 100 },
)
const aFilter = fc.record({ text: fc.constantFrom('agent', 'team', 'tag:x', 'tag:nobody'), value: aName })
const aScan = fc.record({ groupBy: fc.array(aGroup, { maxLength: 4 }), filters: fc.array(aFilter, { maxLength: 2 }) })

function groupValue(event: Event, by: GroupBy): string | number {
  if ('value' in by) return by.value
  return 'text' in by ? (textsOf(event).get(by.text) ?? '') : by.shownAs(event.hour)
}

function byHand(events: Event[], { groupBy, filters }: Pick<Scan, 'groupBy' | 'filters'>) {
  const chosen = events.filter(event => filters.every(({ text, value }) => (textsOf(event).get(text) ?? '') === value))
  const groups = Map.groupBy(chosen, event => JSON.stringify(groupBy.map(by => groupValue(event, by))))
  return new Map(
    [...groups].map(([name, of]) => [
      name,
      {
        events: BigInt(of.length),
        cost: of.reduce((sum, one) => sum + BigInt(one.cost), 0n),
        ...{ first: Math.min(...of.map(one => one.at)), last: Math.max(...of.map(one => one.at)) },
      },
    ]),
  )
}

function byScan(segments: SegmentColumns[], scan: Omit<Scan, 'sums'>) {
  const table = new GroupTable(scan.groupBy.length, NUMBERS)
  for (const one of segments) scanSegment(one, { ...scan, sums: ['events', 'cost', 'first', 'last'] }, table)
  const [events, cost, first, last] = ['events', 'cost', 'first', 'last'].map(name => table.sums.get(name))
  return new Map(
    // Of no columns there is one group, if nothing is in it, too.
    Array.from({ length: table.size }, (_, group) => group)
      .filter(group => events?.exact(group) !== 0n)
      .map(group => [
        JSON.stringify(table.valuesOf(group)),
        {
          events: events?.exact(group),
          cost: cost?.exact(group),
          first: first?.number(group),
          last: last?.number(group),
        },
      ]),
  )
}

describe('a segment', () => {
  it('is read as it was packed, however its bytes are fetched', ({ expect }) => {
    const property = fc.property(
      fc.array(anEvent, { maxLength: 400 }),
      fc.constantFrom(-1, 0, 64, 1e6),
      (events, gap) => {
        const columns = gathered(events)
        expect(byName(reread(packSegment(columns), gap))).toEqual(byName(columns))
      },
    )
    fc.assert(property, { numRuns: 200 })
  })

  it('keeps every number that a double tells apart', ({ expect }) => {
    const aNumber = fc.oneof(aCost, fc.maxSafeInteger(), fc.constantFrom(255, 256, 65_535, 65_536))
    const property = fc.property(fc.array(aNumber, { minLength: 1, maxLength: 20 }), values => {
      const { base, stored } = numberColumn('any', Float64Array.from(values))
      expect(values.map((_, row) => base + (stored?.[row] ?? 0))).toEqual(values)
    })
    fc.assert(property, { numRuns: 500 })
  })

  it('sums to what its events sum to, by any groups and filters, with other segments', ({ expect }) => {
    const many = fc.array(fc.array(anEvent, { maxLength: 120 }), { minLength: 1, maxLength: 3 })
    const property = fc.property(many, aScan, (days, scan) => {
      const segments = days.map(events => reread(packSegment(gathered(events)), 0))
      expect(byScan(segments, scan)).toEqual(byHand(days.flat(), scan))
    })
    fc.assert(property, { numRuns: 400 })
  })

  it('tells more groups apart than two bytes can count', ({ expect }) => {
    const names = Array.from({ length: 700 }, (_, index) => `n${index}`)
    const events = names.map((name, index): Event => {
      const [agent, team] = [name, names[(index * 13) % 700] ?? '']
      return {
        hour: index % 24,
        names: [agent, team],
        tags: { 'y z': name },
        cost: index,
        at: 1_700_000_000_000,
      } as Event
    })
    const scan = { groupBy: [{ text: 'agent' }, { text: 'team' }, { text: 'tag:y z' }], filters: [] }
    expect(byScan([gathered(events), gathered(events)], scan)).toEqual(byHand([...events, ...events], scan))
  })
})
