import type { ProviderInput } from '../../contracts/provider-input.ts'
import type { AccountPath, AccountRecord, AccountRow } from '../../db/account-record.ts'
import { findAccount } from '../../db/find-accounts.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { accountName, applyAccount } from './apply-account.ts'
import { applyProviderKey, blankKey } from './apply-provider-key.ts'
import { auditOfAccount } from './audit-account.ts'
import { saveAndPush } from './change-account.ts'
import { readProviderInput } from './read-provider-input.ts'
import { renderProvider } from './render-provider.ts'

// A name that was used before goes on in the versions of who had it.
function blankAccount(path: AccountPath, before: AccountRecord | undefined, ports: ControlPorts): AccountRow {
  const nowMs = ports.nowMs()
  const unset = { vendor: '', baseUrl: null, region: null, residency: null, patience: null }
  const times = { createdMs: nowMs, updatedMs: nowMs, deletedMs: null }
  return { ...path, ...unset, ...times, version: before?.account.version ?? 0 }
}

async function create(path: AccountPath, input: ProviderInput, ports: ActingPorts): Promise<AccountRecord | undefined> {
  const before = await findAccount(ports.db, path)
  if (before && before.account.deletedMs === null) {
    throw new GatewayError('already_exists', `Provider ${path.name} already exists`)
  }
  const account = applyAccount(blankAccount(path, before, ports), input, ports)
  const { vendor } = account
  const make = (key: NonNullable<ProviderInput['keys']>[number]) =>
    applyProviderKey(blankKey(account, ports), { input: key, vendor }, ports)
  const after = { account, keys: await Promise.all((input.keys ?? []).map(make)) }
  return saveAndPush({ before: null, after, audit: auditOfAccount('create', path) }, ports)
}

/** `POST /api/providers`: an account of the tenant's own, which takes the place of the deployment's of the same name. */
export async function createProvider(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const input = await readProviderInput(c, ports)
  const path = { tenantId: c.get('principal').tenantId, name: accountName(input) }
  const record = await retryWhileStale(() => create(path, input, ports))
  return c.json(renderProvider(record), 200, { etag: etagOf(record.account.version) })
}
