import { parseIsoTime } from '../http/iso-time.ts'
import { invalid } from './invalid.ts'

/** An `expires_at` in UTC epoch milliseconds: RFC 3339, in the future; `null` for the empty text, which clears it. */
export function readExpiry(text: string, nowMs: number): number | null {
  if (text === '') return null
  const time = parseIsoTime(text)
  if (!time?.hasSeconds || !time.hasZone) throw invalid('expires_at must be an RFC3339 timestamp')
  if (time.ms <= nowMs) throw invalid('expires_at must be a future timestamp')
  return time.ms
}
