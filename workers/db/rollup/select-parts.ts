import { fromPacked } from './by-model.ts'
import type { Source } from './choose-source.ts'
import { DIMENSIONS, type EventDimension, ofEvent } from './dimensions.ts'
import { dimensionsOf, type Facet, isPacked } from './facets.ts'
import { ALL_EVENTS, fromDays, fromHours, RAW } from './plan-sql.ts'
import type { SumQuery } from './sum-query.ts'
import { addedByEvent, type SumName } from './sums.ts'

/** What the parts of a statement are written with. `bind` gives a value a number. */
export type Writing = {
  query: SumQuery
  source: Source
  dimensions: EventDimension[]
  tags: string[]
  sums: SumName[]
  bind(value: string | number): string
}

const tagOfEvent = (key: string) =>
  `coalesce((SELECT tag.value FROM json_each(event.tags) AS tag WHERE tag.key = ${key}), '')`

function selectEvents({ query, dimensions, tags, sums, bind }: Writing, from: string): string {
  const columns = [
    'event.timestamp_ms AS at_ms',
    ...dimensions.map(name => `${ofEvent(name)} AS ${name}`),
    ...tags.map((key, index) => `${tagOfEvent(bind(key))} AS tag_${index}`),
    ...sums.map(name => `${addedByEvent(name)} AS ${name}`),
  ]
  const filters = Object.entries(query.filter ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [`AND event.${name} = ${bind(value)}`],
  )
  const wanted = Object.entries(query.tags ?? {}).map(([key, value]) => `AND ${tagOfEvent(bind(key))} = ${bind(value)}`)
  return `SELECT ${columns.join(', ')} ${[from, ...filters, ...wanted].join(' ')}`
}

/** How the rows of a facet are read: `sign` -1 takes them away from `rest`, which has the value of a tag that is absent. */
type Reading = { facet: Facet; tag?: string | undefined; sign?: 1 | -1; isRest?: boolean }

// Provider and model, where the rows of a facet do not tell them apart, are those of what they have packed.
function isUnpacked({ dimensions }: Writing, { facet }: Reading): boolean {
  return isPacked(facet) && dimensions.some(name => name === 'provider' || name === 'model')
}

function ofReading(name: EventDimension, writing: Writing, reading: Reading): string {
  const isInside = (name === 'provider' || name === 'model') && isUnpacked(writing, reading)
  return isInside ? fromPacked(name) : `sums.${name}`
}

function filtersOf(writing: Writing, reading: Reading): string[] {
  const { query, dimensions, bind } = writing
  return dimensions.flatMap(name => {
    const value = query.filter?.[name]
    return value === undefined ? [] : [`${ofReading(name, writing, reading)} = ${bind(value)}`]
  })
}

// Dimensions that a facet does not tell apart are '', which narrows the range of the key down to the first that it does.
function conditionsOf(writing: Writing, reading: Reading): string {
  const { facet, tag = '' } = reading
  const { query, bind } = writing
  const names = dimensionsOf(facet)
  const absent = DIMENSIONS.filter(name => !names.includes(name)).map(name => `sums.${name} = ''`)
  const value = query.tags?.[tag]
  const ofTag =
    facet === 'tag' ? [`sums.tag_key = ${bind(tag)}`, ...(value ? [`sums.tag_value = ${bind(value)}`] : [])] : []
  const all = ['sums.tenant_id = ?1', `sums.facet = '${facet}'`, ...absent, ...ofTag, ...filtersOf(writing, reading)]
  return all.join(' AND ')
}

function sumColumn(name: SumName, writing: Writing, reading: Reading): string {
  const { sign = 1, isRest } = reading
  if (isRest && (name === 'first_ms' || name === 'last_ms')) return `NULL AS ${name}`
  const sum = isUnpacked(writing, reading) ? fromPacked(name) : `sums.${name}`
  return `${sign < 0 ? `-${sum}` : sum} AS ${name}`
}

function selectRollups(writing: Writing, reading: Reading): string[] {
  const { dimensions, tags, sums } = writing
  const tagColumn = reading.isRest ? "''" : 'sums.tag_value'
  return [fromDays, fromHours].map(from => {
    const at = `${from === fromDays ? 'period.day_ms' : 'period.hour_ms'} AS at_ms`
    const columns = [
      ...[at, ...dimensions.map(name => `${ofReading(name, writing, reading)} AS ${name}`)],
      ...tags.map((_, index) => `${tagColumn} AS tag_${index}`),
      ...sums.map(name => sumColumn(name, writing, reading)),
    ]
    const packed = isUnpacked(writing, reading) ? 'CROSS JOIN json_each(sums.by_model) AS packed' : ''
    return `SELECT ${columns.join(', ')} ${from(packed)} AND ${conditionsOf(writing, reading)}`
  })
}

/** The rows that a question is the sum of: `at_ms`, its dimensions, `tag_N` for each of its tags, and what each adds to its sums. */
export function partsOf(writing: Writing): string {
  const { source } = writing
  if (!source) return `${selectEvents(writing, ALL_EVENTS)} AND ?3 = ?3`
  const { facet, tag, rest } = source
  const own = [...selectRollups(writing, { facet, tag }), selectEvents(writing, RAW)].join(' UNION ALL ')
  if (rest === undefined) return own
  const more = [
    ...selectRollups(writing, { facet: rest, isRest: true }),
    ...selectRollups(writing, { facet, tag, sign: -1, isRest: true }),
  ]
  // Nested, since D1 takes no more than five parts in one union.
  return `SELECT * FROM (${own}) UNION ALL SELECT * FROM (${more.join(' UNION ALL ')})`
}
