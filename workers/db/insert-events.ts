import { getTableColumns } from 'drizzle-orm'
import type { UsageEvent } from '../core/usage.ts'
import type { Database } from './database.ts'
import { hourOfEvent } from './hours.ts'
import { usageEvent } from './schema.ts'

const fields = Object.keys(getTableColumns(usageEvent)).filter(name => name !== 'tenant_id')
const isKey = (name: string) => name === 'id'

// json_each: one bound text whatever the number of rows, where VALUES would stop at D1's 100 parameters.
const INSERT_EVENTS = `
  INSERT INTO usage_event (tenant_id, ${fields.join(', ')})
  SELECT ?2, ${fields.map(name => `json_extract(value, '$.${name}')`).join(', ')} FROM json_each(?1) WHERE true
  ON CONFLICT (tenant_id, id) DO UPDATE
  SET ${fields
    .filter(name => !isKey(name))
    .map(name => `${name} = excluded.${name}`)
    .join(', ')}
  WHERE excluded.revision > usage_event.revision`

const MARK_HOURS = 'INSERT OR IGNORE INTO dirty_hour (tenant_id, hour_ms) SELECT ?2, value FROM json_each(?1)'

/**
 * Books one tenant's events and marks their hours dirty, in one transaction. An event that is there already is replaced
 * by a later revision and otherwise left alone, so that booking twice is booking once.
 */
export async function insertEvents(db: Database, booking: { tenantId: string; events: UsageEvent[] }): Promise<void> {
  const { tenantId, events } = booking
  const hours = [...new Set(events.map(event => hourOfEvent(event.id)))]
  await db.$client.batch([
    db.$client.prepare(INSERT_EVENTS).bind(JSON.stringify(events), tenantId),
    db.$client.prepare(MARK_HOURS).bind(JSON.stringify(hours), tenantId),
  ])
}
