import type { AuditAction, AuditResource } from '../../core/access/audit-action.ts'
import type { AccountPath, AccountRecord } from '../../db/account-record.ts'
import { findAccount } from '../../db/find-accounts.ts'
import { saveAccount } from '../../db/save-account.ts'
import { auditRow } from '../audit/audit-row.ts'
import { putScopeInForce } from '../governance/put-scope-in-force.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import { checkIfMatch } from '../http/etag.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { checkAccount } from './check-account.ts'
import { providerNotFound } from './not-found.ts'

// What was sealed under the secret of yesterday is sealed under that of today wherever its account is written.
function resealed(record: AccountRecord, ports: ControlPorts): Promise<AccountRecord['keys']> {
  return Promise.all(
    record.keys.map(async key => {
      const owner = { tenantId: key.tenantId, keyId: key.id }
      return { ...key, sealed: await ports.resealSecret(key.sealed, owner) }
    }),
  )
}

/** What the audit trail says of a change, and what it tells of an account before and after it. */
export type AccountAudit = { action: AuditAction; resource: AuditResource; told: (record: AccountRecord) => unknown }

/** An account before and after a change; `null` before where it is new. */
type AccountEdit = { before: AccountRecord | null; after: AccountRecord; audit: AccountAudit }

function auditOf({ before, after, audit }: AccountEdit, ports: ActingPorts) {
  const { told, ...what } = audit
  const rows = { before: before && told(before), after: told(after) }
  return auditRow(after.account.tenantId, { ...what, ...rows }, ports)
}

/**
 * Writes an account in its next version and puts it in force at every virtual key that may use it; `undefined` where it
 * was changed meanwhile and must be read again. Throws `request_invalid` and `change_pending`.
 */
export async function saveAndPush(edit: AccountEdit, ports: ActingPorts): Promise<AccountRecord | undefined> {
  const record = edit.after
  await checkAccount(record, ports)
  const account = { ...record.account, version: record.account.version + 1 }
  const next = { account, keys: await resealed(record, ports) }
  const saved = await saveAccount(ports.db, { ...next, audit: auditOf({ ...edit, after: next }, ports) })
  if (saved.kind === 'stale') return undefined
  await putScopeInForce({ tenantId: account.tenantId, scopes: [], keys: saved.keys }, ports)
  return next
}

/** How an account and its keys change, and what the audit trail says of it. */
export type AccountChange = AccountAudit & { change: (record: AccountRecord) => AccountRecord | Promise<AccountRecord> }

/**
 * Changes an account and its keys as its `change` says, in D1 and in force. Changes at the same time follow one another: who
 * lost the race reads again. Throws `not_found`, `change_pending`, `precondition_failed`, and what
 * its `change` throws.
 */
export function changeAccount(
  path: AccountPath,
  { change, ...audit }: AccountChange,
  ports: ActingPorts,
): Promise<AccountRecord> {
  return retryWhileStale(async () => {
    const current = await findAccount(ports.db, path)
    if (!current || current.account.deletedMs !== null) throw providerNotFound()
    checkIfMatch(current.account.version, ports)
    return saveAndPush({ before: current, after: await change(current), audit }, ports)
  })
}
