import type { AuditAction } from '../../core/access/audit-action.ts'
import type { KeySnapshot } from '../../core/snapshot.ts'
import type { KeyRecord } from '../../db/key-record.ts'
import { type SavedKey, saveKey } from '../../db/save-key.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ActingPorts } from '../ports.ts'
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

/** A key before and after a change; `null` before where it is new. */
type KeyEdit = { before: KeyRecord | null; after: KeyRecord; action?: AuditAction | undefined }

function told(record: KeyRecord | null) {
  return record && { ...record.key, budgets: record.budgets, rateLimits: record.rateLimits }
}

function auditOf({ before, after, action: named }: KeyEdit, ports: ActingPorts) {
  const { tenantId, id, deletedMs } = after.key
  const isDeleted = deletedMs !== null
  const action = named ?? (isDeleted ? 'virtual_key.delete' : before ? 'virtual_key.update' : 'virtual_key.create')
  const rows = { before: told(before), after: isDeleted ? null : told(after) }
  return auditRow(tenantId, { action, resource: { type: 'virtual_key', id }, ...rows }, ports)
}

/** Writes a key; `undefined` where it was changed meanwhile and must be read again. Throws `request_invalid`. */
export async function saveRecord(edit: KeyEdit, ports: ActingPorts): Promise<SavedKey | undefined> {
  const record = edit.after
  const snapshot = buildSnapshot(record)
  checkSize(snapshot)
  const result = await saveKey(ports.db, { ...record, snapshot, audit: auditOf(edit, ports) })
  if (result.kind === 'name_taken') throw nameTaken()
  return result.kind === 'saved' ? result : undefined
}
