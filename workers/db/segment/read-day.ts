import type { EventRow } from '../../core/segment/gather-rows.ts'
import { HOUR_MS } from '../../core/window/hour.ts'
import { idsOfDay, type TenantDay } from '../archive-day.ts'
import type { EventsDb } from '../database.ts'
import { ofEvent } from '../rollup/dimensions.ts'
import { addedByEvent, SUM_NAMES } from '../rollup/sums.ts'
import { TEXTS, tagColumn } from './segment-names.ts'

/** How many events are read at once. */
const PAGE = 2000

const COLUMNS = ['event.id', 'event.timestamp_ms', 'event.tags', ...TEXTS.map(ofEvent), ...SUM_NAMES.map(addedByEvent)]
const READ = `SELECT ${COLUMNS.join(', ')} FROM usage_event AS event
  WHERE event.tenant_id = ?1 AND event.id > ?2 AND event.id < ?3 ORDER BY event.id LIMIT ${PAGE}`

type Row = [id: string, atMs: number, tags: string, ...rest: (string | number)[]]

/** `isExact`: a double tells each of its numbers apart. */
type DayRow = EventRow & { isExact: boolean }

function rowOf([, atMs, tags, ...rest]: Row, dayMs: number): DayRow {
  const texts = new Map(TEXTS.map((name, index) => [name as string, String(rest[index] ?? '')]))
  for (const [key, value] of Object.entries(JSON.parse(tags))) texts.set(tagColumn(key), String(value ?? ''))
  const numbers = rest.slice(TEXTS.length) as number[]
  return {
    texts,
    isExact: numbers.every(Number.isSafeInteger),
    numbers: [Math.floor((atMs - dayMs) / HOUR_MS), ...numbers],
  }
}

/** What each event of a day is, in the order of their ids, a page at a time. */
export async function* readDay(db: EventsDb, { tenantId, dayMs }: TenantDay): AsyncGenerator<DayRow[]> {
  const { after: start, before } = idsOfDay(dayMs)
  for (let after = start; ; ) {
    const page = await db.$client.prepare(READ).bind(tenantId, after, before).raw<Row>()
    if (page.length > 0) yield page.map(row => rowOf(row, dayMs))
    if (page.length < PAGE) return
    after = page.at(-1)?.[0] ?? before
  }
}
