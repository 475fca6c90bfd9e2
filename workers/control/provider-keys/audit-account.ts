import type { AccountPath, AccountRecord, ProviderKeyRow } from '../../db/account-record.ts'
import type { AccountAudit } from './change-account.ts'
import { maskSecret } from './mask-secret.ts'

// `sealed` the trail drops by its name; half of a credential of AWS is shown masked, as the API shows it.
function toldKey(key: ProviderKeyRow) {
  const { accessKeyId } = key.settings
  return accessKeyId ? { ...key, settings: { ...key.settings, accessKeyId: maskSecret(accessKeyId) } } : key
}

function toldAccount({ account, keys }: AccountRecord) {
  return account.deletedMs === null ? { ...account, keys: keys.map(toldKey) } : null
}

/** What the trail says of a change of an account as a whole. */
export function auditOfAccount(verb: 'create' | 'update' | 'delete', { name }: AccountPath): AccountAudit {
  return { action: `provider.${verb}`, resource: { type: 'provider', id: name }, told: toldAccount }
}

/** What it says of a change of one of an account's keys. */
export function auditOfKey(verb: 'create' | 'update' | 'rotate' | 'delete', id: string): AccountAudit {
  const told = ({ keys }: AccountRecord) => keys.filter(key => key.id === id).map(toldKey)[0] ?? null
  return { action: `provider_key.${verb}`, resource: { type: 'provider_key', id }, told }
}
