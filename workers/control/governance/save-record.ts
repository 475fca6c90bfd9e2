import type { KeySnapshot } from '../../core/snapshot.ts'
import type { KeyRecord } from '../../db/key-record.ts'
import { type SavedKey, saveKey } from '../../db/save-key.ts'
import type { ControlPorts } from '../ports.ts'
import { buildSnapshot } from './build-snapshot.ts'
import { invalid, nameTaken } from './invalid.ts'

const MAX_LIMITS = 100
/** Every admission reads the snapshot, and a row of a Durable Object holds 2 MB. */
const MAX_SNAPSHOT_CHARS = 256 * 1024

function checkSize(snapshot: KeySnapshot): void {
  if (snapshot.limits.length > MAX_LIMITS) throw invalid(`A virtual key cannot have more than ${MAX_LIMITS} limits`)
  if (JSON.stringify(snapshot).length <= MAX_SNAPSHOT_CHARS) return
  throw invalid(
    `The virtual key is too large: ${MAX_SNAPSHOT_CHARS} characters hold all its providers, models and limits`,
  )
}

/** Writes a key; `undefined` where it was changed meanwhile and must be read again. Throws `request_invalid`. */
export async function saveRecord(record: KeyRecord, ports: ControlPorts): Promise<SavedKey | undefined> {
  const snapshot = buildSnapshot(record)
  checkSize(snapshot)
  const result = await saveKey(ports.db, { ...record, snapshot })
  if (result.kind === 'name_taken') throw nameTaken()
  return result.kind === 'saved' ? result : undefined
}
