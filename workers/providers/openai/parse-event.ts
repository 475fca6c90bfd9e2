import { asRecord } from '../../formats/as-record.ts'

/** The JSON object in an event's data; an empty one for `[DONE]` and for anything broken. Never throws. */
export function parseEvent(data: string): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(data))
  } catch {
    return {}
  }
}
