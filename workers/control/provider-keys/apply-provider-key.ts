import type { ProviderKeyInput } from '../../contracts/provider-input.ts'
import type { AccountRow, ProviderKeyRow } from '../../db/account-record.ts'
import { checkNames } from '../governance/check-names.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlPorts } from '../ports.ts'
import { secretOf, stored } from './key-secret.ts'
import { applySettings } from './key-settings.ts'
import { maskSecret } from './mask-secret.ts'

const MAX_NAME_CHARS = 255
const MAX_WEIGHT = 1_000_000
const MAX_MODELS = 500

/** A key that is not yet anything, of an account. */
export function blankKey({ tenantId, name: account }: AccountRow, ports: ControlPorts): ProviderKeyRow {
  const nowMs = ports.nowMs()
  const lists = { models: ['*'], blacklistedModels: [] }
  const times = { createdMs: nowMs, updatedMs: nowMs, rotatedMs: null }
  const unset = { name: '', sealed: '', maskedValue: '', settings: {}, weight: 1, enabled: true }
  return { tenantId, id: ports.newId(), account, ...unset, ...lists, ...times }
}

function nameOf(input: ProviderKeyInput, key: ProviderKeyRow): string {
  const name = (input.name ?? key.name).trim()
  if (name === '') throw invalid('Key name is required')
  if (name.length > MAX_NAME_CHARS) throw invalid(`Key name cannot have more than ${MAX_NAME_CHARS} characters`)
  return name
}

function weightOf({ weight }: ProviderKeyInput, key: ProviderKeyRow): number {
  const value = weight ?? key.weight
  if (value >= 0 && value <= MAX_WEIGHT) return value
  throw invalid(`weight must be a number from 0 to ${MAX_WEIGHT}`)
}

function namesOf(field: 'models' | 'blacklisted_models', given: string[], keyName: string): string[] {
  if (given.length > MAX_MODELS || given.some(name => name === '' || name.length > MAX_NAME_CHARS)) {
    throw invalid(`${field} must be up to ${MAX_MODELS} names of up to ${MAX_NAME_CHARS} characters`)
  }
  checkNames(field, given, `key ${keyName}`)
  return given
}

function applyPlain(key: ProviderKeyRow, input: ProviderKeyInput, ports: ControlPorts): ProviderKeyRow {
  const name = nameOf(input, key)
  return {
    ...key,
    name,
    weight: weightOf(input, key),
    models: namesOf('models', input.models ?? key.models, name),
    blacklistedModels: namesOf('blacklisted_models', input.blacklisted_models ?? key.blacklistedModels, name),
    enabled: input.enabled ?? key.enabled,
    updatedMs: ports.nowMs(),
  }
}

/** A key after a change, and the vendor of its account: what the body does not name stays, its secret too. Throws `request_invalid`. */
export async function applyProviderKey(
  key: ProviderKeyRow,
  { input, vendor }: { input: ProviderKeyInput; vendor: string },
  ports: ControlPorts,
): Promise<ProviderKeyRow> {
  const settings = applySettings(key.settings, { input, vendor }, ports)
  const next = { ...applyPlain(key, input, ports), settings }
  const secret = secretOf(input, vendor, ports)
  if (secret === undefined && key.sealed === '') throw invalid(`value is required for key ${next.name}`)
  if (secret === undefined) return next
  const sealed = await stored(secret, { tenantId: key.tenantId, keyId: key.id }, ports)
  const rotatedMs = key.sealed === '' ? null : ports.nowMs()
  return { ...next, sealed, maskedValue: maskSecret(secret.secret), rotatedMs }
}
