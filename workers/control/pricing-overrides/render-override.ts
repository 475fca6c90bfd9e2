import type { OverrideRow } from '../../db/override-record.ts'
import type { KnownProviders } from '../provider-keys/known-providers.ts'

const iso = (ms: number) => new Date(ms).toISOString()

/** An override as Bifrost shows it: its prices as text, as its code answers, and as an object, as its schema promises. */
export function renderOverride(row: OverrideRow, { keys }: Pick<KnownProviders, 'keys'>) {
  return {
    id: row.id,
    name: row.name,
    scope_kind: row.scopeKind,
    virtual_key_id: row.virtualKeyId ?? undefined,
    provider_id: row.providerId ?? undefined,
    provider_key_id: row.providerKeyId ?? undefined,
    provider_key_name: keys.find(({ id }) => id === row.providerKeyId)?.name,
    match_type: row.matchType,
    pattern: row.pattern,
    request_types: row.requestTypes,
    pricing_patch: JSON.stringify(row.patch),
    patch: row.patch,
    config_hash: '',
    created_at: iso(row.createdMs),
    updated_at: iso(row.updatedMs),
  }
}
