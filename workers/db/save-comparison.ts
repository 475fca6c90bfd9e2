import type { RecordedEvent } from '../core/usage.ts'
import type { EventsDb } from './database.ts'
import type { TenantHour } from './find-dirty-hours.ts'
import { bookingStatements } from './insert-events.ts'
import type { Difference, Stated } from './read-hour.ts'

/** A statement that was compared, in the change in which it was read; `due_ms`: when to look again, `null` where it is done. */
export type Compared = Pick<Stated, 'virtual_key_id' | 'meter' | 'change_seq'> & { due_ms: number | null }

/** What one run found in one tenant's hour. `isRollupWrong`: its sums are to be made anew. */
export type ComparedHour = {
  hour: TenantHour
  runMs: number
  compared: Compared[]
  seen: Omit<Difference, 'tenant_id' | 'hour_ms' | 'seen_ms'>[]
  corrections: RecordedEvent[]
  isRollupWrong: boolean
}

// Who has compared an older change sets NULL, and the whole batch fails: what it would write may no longer be true.
const MARK_COMPARED = `
  UPDATE meter_hour SET due_ms = coalesce(read.due_ms, meter_hour.due_ms),
    reconciled_seq = CASE WHEN meter_hour.change_seq <> read.change_seq THEN NULL
      WHEN read.due_ms IS NULL THEN meter_hour.change_seq ELSE reconciled_seq END
  FROM (SELECT value ->> 'virtual_key_id' AS virtual_key_id, value ->> 'meter' AS meter,
    value ->> 'change_seq' AS change_seq, value ->> 'due_ms' AS due_ms
    FROM json_each(?3)) AS read
  WHERE tenant_id = ?1 AND hour_ms = ?2 AND meter_hour.virtual_key_id = read.virtual_key_id
    AND meter_hour.meter = read.meter
    AND (reconciled_seq < meter_hour.change_seq OR meter_hour.change_seq <> read.change_seq OR read.due_ms IS NOT NULL)`

const FIELDS = ['virtual_key_id', 'kind', 'subject', 'expected', 'found', 'first_seen_ms', 'corrected_ms']
const NUMBERS = ['expected', 'found', 'first_seen_ms', 'seen_ms', 'corrected_ms']
const PUT_DIFFERENCES = `
  INSERT INTO reconcile_difference (tenant_id, hour_ms, seen_ms, ${FIELDS.join(', ')})
  SELECT ?1, ?2, ?4, ${FIELDS.map(name => `value ->> '${name}'`).join(', ')} FROM json_each(?3) WHERE true
  ON CONFLICT (tenant_id, hour_ms, virtual_key_id, kind, subject) DO UPDATE
  SET ${NUMBERS.map(name => `${name} = excluded.${name}`).join(', ')}`

const MARK_DIRTY = 'INSERT OR IGNORE INTO dirty_hour (tenant_id, hour_ms) SELECT ?1, ?2 WHERE ?3'

const COUNT_RUN = `
  INSERT INTO reconcile_run (tenant_id, run_ms, hours, differences, corrections) VALUES (?1, ?2, 1, ?3, ?4)
  ON CONFLICT (tenant_id, run_ms) DO UPDATE SET hours = hours + 1,
    differences = differences + excluded.differences, corrections = corrections + excluded.corrections`

function countStatement(db: EventsDb, { hour, runMs, seen, corrections, isRollupWrong }: ComparedHour) {
  const fresh = seen.filter(one => one.first_seen_ms === runMs).length
  return db.$client.prepare(COUNT_RUN).bind(hour.tenantId, runMs, fresh, corrections.length + Number(isRollupWrong))
}

/**
 * Writes what a run found: differences, corrections, and what need not be compared again; one transaction. Rejects, and
 * writes nothing, where something about the hour changed since it was read; the next run reads it again.
 */
export async function saveComparison(db: EventsDb, found: ComparedHour): Promise<void> {
  const { hour, runMs, compared, seen, corrections, isRollupWrong } = found
  const { tenantId, hourMs } = hour
  const run = (text: string, ...params: (string | number)[]) =>
    db.$client.prepare(text).bind(tenantId, hourMs, ...params)
  await db.$client.batch([
    run(MARK_COMPARED, JSON.stringify(compared)),
    run(PUT_DIFFERENCES, JSON.stringify(seen), runMs),
    ...bookingStatements(db, { tenantId, events: corrections }),
    run(MARK_DIRTY, Number(isRollupWrong)),
    countStatement(db, found),
  ])
}
