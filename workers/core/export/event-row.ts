import { renderEvent } from '../events/render-event.ts'
import type { RecordedEvent } from '../usage.ts'
import type { Cell } from './csv.ts'
import type { ExportRow } from './row-layout.ts'

type RenderedEvent = ReturnType<typeof renderEvent>

/** The columns of an export of events: the fields of `GET /v1/events`, of which tags are JSON. */
export const EVENT_COLUMNS = [
  ...['id', 'request_id', 'timestamp', 'provider', 'model', 'requested_model', 'priced_model'],
  ...['input_tokens', 'output_tokens', 'cached_input_tokens', 'cache_write_tokens', 'reasoning_tokens', 'total_tokens'],
  ...['cost_usd', 'cost_nano', 'held_usd', 'overrun_usd', 'service_tier', 'pricebook_version'],
  ...['latency_ms', 'first_byte_ms', 'status', 'success', 'outcome', 'is_estimated', 'is_stream', 'attempt'],
  ...['virtual_key_id', 'feature', 'team', 'agent_name', 'user_id', 'entity_type', 'entity_id', 'tags'],
  ...['source', 'rule_id'],
] as const satisfies (keyof RenderedEvent)[]

function cellOf(value: RenderedEvent[(typeof EVENT_COLUMNS)[number]]): Cell {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}

/** An event as a row: as JSON it is what `GET /v1/events` answers. */
export function eventRow(event: RecordedEvent): ExportRow {
  const shown = renderEvent(event)
  return { cells: EVENT_COLUMNS.map(name => cellOf(shown[name])), json: JSON.stringify(shown) }
}
