import { renderEvent } from '../../core/events/render-event.ts'
import type { Cell } from '../../core/export/csv.ts'
import type { ExportRow } from '../../core/export/row-layout.ts'
import type { RecordedEvent } from '../../core/usage.ts'

/** The columns of a table of events: the fields of `GET /v1/events`, each once; tags are JSON. */
export const EVENT_COLUMNS = [
  ...['id', 'request_id', 'timestamp', 'source', 'provider', 'model', 'requested_model', 'priced_model'],
  ...['input_tokens', 'output_tokens', 'cached_input_tokens', 'cache_write_tokens', 'reasoning_tokens', 'total_tokens'],
  ...['cost_usd', 'cost_nano', 'held_usd', 'overrun_usd', 'service_tier', 'pricebook_version'],
  ...['latency_ms', 'first_byte_ms', 'status', 'success', 'outcome', 'is_estimated', 'is_stream', 'attempt'],
  ...['virtual_key_id', 'feature', 'team', 'agent_name', 'user_id', 'entity_type', 'entity_id', 'tags'],
] as const satisfies (keyof ReturnType<typeof renderEvent>)[]

/** An event as a row of a table, and as JSON. */
export function eventRow(event: RecordedEvent): ExportRow {
  const shown = renderEvent(event)
  const cells = EVENT_COLUMNS.map((name): Cell => {
    const value = shown[name]
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
  })
  return { cells, json: JSON.stringify(shown) }
}
