import type { AccountPath, AccountRecord } from '../../db/account-record.ts'
import { findAccount } from '../../db/find-accounts.ts'
import { saveAccount } from '../../db/save-account.ts'
import { putScopeInForce } from '../governance/put-scope-in-force.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import type { ControlPorts } from '../ports.ts'
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

/**
 * Writes an account in its next version and puts it in force at every virtual key that may use it; `undefined` where it
 * was changed meanwhile and must be read again. Throws `request_invalid` and `change_pending`.
 */
export async function saveAndPush(record: AccountRecord, ports: ControlPorts): Promise<AccountRecord | undefined> {
  await checkAccount(record, ports)
  const account = { ...record.account, version: record.account.version + 1 }
  const next = { account, keys: await resealed(record, ports) }
  const saved = await saveAccount(ports.db, next)
  if (saved.kind === 'stale') return undefined
  await putScopeInForce({ tenantId: account.tenantId, scopes: [], keys: saved.keys }, ports)
  return next
}

/**
 * Changes an account and its keys as `change` says, in D1 and in force. Changes at the same time follow one another: who
 * lost the race reads again. Throws `not_found`, `change_pending`, and what `change` throws.
 */
export function changeAccount(
  path: AccountPath,
  change: (record: AccountRecord) => AccountRecord | Promise<AccountRecord>,
  ports: ControlPorts,
): Promise<AccountRecord> {
  return retryWhileStale(async () => {
    const current = await findAccount(ports.db, path)
    if (!current || current.account.deletedMs !== null) throw providerNotFound()
    return saveAndPush(await change(current), ports)
  })
}
