import type { HourStatement } from '../contracts/usage-message.ts'
import type { TenantId } from '../core/access/tenant-id.ts'
import { HOUR_MS } from '../core/window/hour.ts'
import type { EventsDb } from './database.ts'

/** How long after its end an hour is first compared, in milliseconds: its events may still be on their way. */
const WAIT_MS = 15 * 60_000

const SUMS = ['events', 'cost_nano', 'input_tokens', 'output_tokens']
const REPLACED = ['revision', ...SUMS, 'limits', 'received_ms', 'due_ms'].map(name => `${name} = excluded.${name}`)

const PUT_STATEMENTS = `
  INSERT INTO meter_hour (tenant_id, hour_ms, virtual_key_id, meter, revision, ${SUMS.join(', ')}, limits,
    received_ms, due_ms, change_seq, reconciled_seq)
  SELECT ?2, value ->> 'hourMs', ?3, ?4, value ->> 'revision', value ->> 'events', value ->> 'costNano',
    value ->> 'inputTokens', value ->> 'outputTokens', value -> 'limits',
    ?5, (value ->> 'hourMs') + ${HOUR_MS + WAIT_MS}, 1, 0
  FROM json_each(?1) WHERE true
  ON CONFLICT (tenant_id, hour_ms, virtual_key_id, meter) DO UPDATE
  SET ${REPLACED.join(', ')}, change_seq = meter_hour.change_seq + 1
  WHERE excluded.revision > meter_hour.revision`

/** What one meter says of its hours, and when that was received. */
export type StatedHours = {
  tenantId: TenantId
  keyId: string
  meter: string
  statements: HourStatement[]
  receivedMs: number
}

/** Keeps what a meter says of its hours, to be compared. What was said before, or is older, changes nothing. */
export async function putStatements(db: EventsDb, stated: StatedHours): Promise<void> {
  const { tenantId, keyId, meter, statements, receivedMs } = stated
  await db.$client.prepare(PUT_STATEMENTS).bind(JSON.stringify(statements), tenantId, keyId, meter, receivedMs).run()
}
