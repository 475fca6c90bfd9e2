import type { ProviderKeyInput } from '../../contracts/provider-input.ts'
import type { AccountRecord, ProviderKeyRow } from '../../db/account-record.ts'
import { findAccount } from '../../db/find-accounts.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { applyProviderKey, blankKey } from './apply-provider-key.ts'
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
  return c.json(renderProviderKey(keyIn(record, id), record.account.vendor))
}

const idOf = (c: ControlContext) => c.req.param('id') ?? ''

async function readAccount(c: ControlContext, ports: ControlPorts): Promise<AccountRecord> {
  const record = await findAccount(ports.db, accountPath(c))
  if (!record || record.account.deletedMs !== null) throw providerNotFound()
  return record
}

async function change(c: ControlContext, input: ProviderKeyInput, ports: ControlPorts): Promise<Response> {
  const id = idOf(c)
  const edit = async ({ account, keys }: AccountRecord) => {
    const next = await applyProviderKey(keyIn({ account, keys }, id), { input, vendor: account.vendor }, ports)
    return { account, keys: keys.map(key => (key.id === id ? next : key)) }
  }
  return shown(c, await changeAccount(accountPath(c), edit, ports), id)
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
export async function createProviderKey(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const input = await readKeyInput(c, ports)
  let id = ''
  const add = async ({ account, keys }: AccountRecord) => {
    const key = await applyProviderKey(blankKey(account, ports), { input, vendor: account.vendor }, ports)
    id = key.id
    return { account, keys: [...keys, key] }
  }
  const record = await changeAccount(accountPath(c), add, ports)
  return shown(c, record, id)
}

/** `PUT /api/providers/{name}/keys/{id}`: changes what the body names, and nothing else; its secret too. */
export async function updateProviderKey(c: ControlContext, ports: ControlPorts): Promise<Response> {
  return change(c, await readKeyInput(c, ports), ports)
}

/** `POST /api/providers/{name}/keys/{id}/rotate`: another secret in the place of the one it has. */
export async function rotateProviderKey(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { value } = await readRotation(c, ports)
  if (!value || isMask(value)) throw invalid('value is required')
  return change(c, { value }, ports)
}

/** `DELETE /api/providers/{name}/keys/{id}`. Virtual keys that name it keep its id, which allows nothing. */
export async function deleteProviderKey(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const id = idOf(c)
  const remove = (record: AccountRecord) => {
    const gone = keyIn(record, id)
    return { ...record, keys: record.keys.filter(key => key !== gone) }
  }
  await changeAccount(accountPath(c), remove, ports)
  return c.json({ message: 'Key deleted successfully' })
}
