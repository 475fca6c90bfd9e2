import { type KeyRecord, rowsOf } from '../../db/key-record.ts'
import type { McpConfig, ProviderConfig } from '../../db/schema/keys.ts'
import type { KnownProviders } from '../provider-keys/known-providers.ts'
import { renderHandling } from './apply-handling.ts'
import { allowsAllKeys } from './build-snapshot.ts'
import type { KeyUsage } from './key-usage.ts'
import { renderGroupBrief } from './render-group.ts'
import { renderLimits } from './render-limits.ts'

/** A key to show: its usage, the providers it may name, and its text where this is the one time that it is known. */
export type ShownKey = { record: KeyRecord; usage: KeyUsage; known: KnownProviders; text?: string }

function limitsAt({ record, usage }: ShownKey, configId: number | null) {
  const { budgets, rateLimits } = record
  return renderLimits({ budgets: rowsOf(budgets, configId), rateLimits: rowsOf(rateLimits, configId) }, usage)
}

// Where all are allowed, none is listed; the id of a deleted key stays in the config and is not shown.
function renderNamedKeys({ provider, keyIds }: ProviderConfig, { known }: ShownKey) {
  const named = known.keys.filter(key => key.account === provider.toLowerCase() && keyIds?.includes(key.id))
  return named.map(({ id, name, models }) => ({ id, key_id: id, name, provider, models }))
}

function renderProviderConfig(config: ProviderConfig, shown: ShownKey) {
  return {
    id: config.id,
    virtual_key_id: shown.record.key.id,
    provider: config.provider,
    weight: config.weight,
    allowed_models: config.allowedModels,
    blacklisted_models: config.blacklistedModels,
    allow_all_keys: allowsAllKeys(config),
    ...limitsAt(shown, config.id),
    keys: renderNamedKeys(config, shown),
  }
}

// Both as the schema has it, and as Bifrost's own server answers (contract 1.11).
function renderMcpConfig({ id, clientId, tools }: McpConfig, { record, known }: ShownKey) {
  const name = known.mcpClients.find(client => client.id === clientId)?.name ?? ''
  return {
    ...{ id, virtual_key_id: record.key.id, mcp_client_id: clientId, mcp_client_name: name },
    mcp_client: { client_id: clientId, name },
    tools_to_execute: tools,
  }
}

/** A virtual key as Bifrost shows it (contract 1.1), but with a masked `value`, except in the answer to its creation. */
export function renderKey(shown: ShownKey) {
  const { record } = shown
  const { key } = record
  return {
    id: key.id,
    name: key.name,
    description: key.description || undefined,
    value: shown.text ?? key.maskedValue,
    is_active: key.isActive,
    expires_at: key.expiresMs === null ? undefined : new Date(key.expiresMs).toISOString(),
    provider_configs: key.providerConfigs.map(config => renderProviderConfig(config, shown)),
    mcp_configs: key.mcpConfigs.map(config => renderMcpConfig(config, shown)),
    team_id: key.teamId ?? undefined,
    customer_id: key.customerId ?? undefined,
    team: record.team ? renderGroupBrief('team', record.team) : undefined,
    customer: record.customer ? renderGroupBrief('customer', record.customer) : undefined,
    calendar_aligned: key.calendarAligned,
    ...renderHandling(key),
    reliability: key.reliability,
    ...limitsAt(shown, null),
    config_hash: '',
    created_at: new Date(key.createdMs).toISOString(),
    updated_at: new Date(key.updatedMs).toISOString(),
  }
}
