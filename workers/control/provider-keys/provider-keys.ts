import type { ProviderKeyInput } from '../../contracts/provider-input.ts'
import type { AccountRecord, ProviderKeyRow } from '../../db/account-record.ts'
import { findAccount } from '../../db/find-accounts.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { applyProviderKey, blankKey } from './apply-provider-key.ts'
import { auditOfKey } from './audit-account.ts'
import { changeAccount } from './change-account.ts'
import { isMask } from './mask-secret.ts'
import { keyNotFound, providerNotFound } from './not-found.ts'
import { accountPath, readKeyInput, readRotation } from './read-provider-input.ts'
import { renderProviderKey } from './render-provider.ts'

function keyIn({ keys }: AccountRecord, id: string): ProviderKeyRow {
  const key = keys.find(one => one.id === id)
  if (!key) throw keyNotFound()
  return key
}

function shown(c: ControlContext, record: AccountRecord, id: string): Response {
  const { vendor, version } = record.account
  return c.json(renderProviderKey(keyIn(record, id), vendor), 200, { etag: etagOf(version) })
}

const idOf = (c: ControlContext) => c.req.param('id') ?? ''

async function readAccount(c: ControlContext, ports: ControlPorts): Promise<AccountRecord> {
  const record = await findAccount(ports.db, accountPath(c))
  if (!record || record.account.deletedMs !== null) throw providerNotFound()
  return record
}

type KeyChange = { verb: 'update' | 'rotate'; input: ProviderKeyInput }

async function changeKey(c: ControlContext, { verb, input }: KeyChange, ports: ActingPorts): Promise<Response> {
  const id = idOf(c)
  const change = async ({ account, keys }: AccountRecord) => {
    const next = await applyProviderKey(keyIn({ account, keys }, id), { input, vendor: account.vendor }, ports)
    return { account, keys: keys.map(key => (key.id === id ? next : key)) }
  }
  return shown(c, await changeAccount(accountPath(c), { change, ...auditOfKey(verb, id) }, ports), id)
}

/** `GET /api/providers/{name}/keys`. */
export async function listProviderKeys(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { account, keys } = await readAccount(c, ports)
  return c.json({ keys: keys.map(key => renderProviderKey(key, account.vendor)), total: keys.length })
}

/** `GET /api/providers/{name}/keys/{id}`. */
export async function getProviderKey(c: ControlContext, ports: ControlPorts): Promise<Response> {
  return shown(c, await readAccount(c, ports), idOf(c))
}

/** `POST /api/providers/{name}/keys`. */
export async function createProviderKey(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const input = await readKeyInput(c, ports)
  const id = ports.newId()
  const change = async ({ account, keys }: AccountRecord) => {
    const key = await applyProviderKey({ ...blankKey(account, ports), id }, { input, vendor: account.vendor }, ports)
    return { account, keys: [...keys, key] }
  }
  const record = await changeAccount(accountPath(c), { change, ...auditOfKey('create', id) }, ports)
  return shown(c, record, id)
}

/** `PUT /api/providers/{name}/keys/{id}`: changes what the body names, and nothing else; its secret too. */
export async function updateProviderKey(c: ControlContext, ports: ActingPorts): Promise<Response> {
  return changeKey(c, { verb: 'update', input: await readKeyInput(c, ports) }, ports)
}

/** `POST /api/providers/{name}/keys/{id}/rotate`: another secret in the place of the one it has. */
export async function rotateProviderKey(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const { value } = await readRotation(c, ports)
  if (!value || isMask(value)) throw invalid('value is required')
  return changeKey(c, { verb: 'rotate', input: { value } }, ports)
}

/** `DELETE /api/providers/{name}/keys/{id}`. Virtual keys that name it keep its id, which allows nothing. */
export async function deleteProviderKey(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const id = idOf(c)
  const change = (record: AccountRecord) => {
    const gone = keyIn(record, id)
    return { ...record, keys: record.keys.filter(key => key !== gone) }
  }
  await changeAccount(accountPath(c), { change, ...auditOfKey('delete', id) }, ports)
  return c.json({ message: 'Key deleted successfully' })
}
