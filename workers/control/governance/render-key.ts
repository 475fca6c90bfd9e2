import { type KeyRecord, rowsOf } from '../../db/key-record.ts'
import type { ProviderConfig } from '../../db/schema.ts'
import { allowsKeys } from './build-snapshot.ts'
import type { KeyUsage } from './read-key-usage.ts'
import { renderBudget, renderRateLimit } from './render-limits.ts'

/** A key to show: its usage, and its text where this is the one time that it is known. */
export type ShownKey = { record: KeyRecord; usage: KeyUsage; text?: string }

// `undefined` members do not reach the JSON; upstream leaves empty ones out as well.
function renderLimits({ record, usage }: ShownKey, configId: number | null) {
  const budgets = rowsOf(record.budgets, configId).map(row => renderBudget(row, usage))
  const [rateLimit] = rowsOf(record.rateLimits, configId)
  return {
    rate_limit_id: rateLimit?.id,
    rate_limit: rateLimit && renderRateLimit(rateLimit, usage),
    budget_id: budgets[0]?.id,
    budget: budgets[0],
    budgets: budgets.length > 0 ? budgets : undefined,
  }
}

function renderProviderConfig(config: ProviderConfig, shown: ShownKey) {
  return {
    id: config.id,
    virtual_key_id: shown.record.key.id,
    provider: config.provider,
    weight: config.weight,
    allowed_models: config.allowedModels,
    blacklisted_models: config.blacklistedModels,
    allow_all_keys: allowsKeys(config),
    ...renderLimits(shown, config.id),
    keys: [],
  }
}

/** A virtual key as Bifrost shows it (contract 1.1), but with a masked `value`, except in the answer to its creation. */
export function renderKey(shown: ShownKey) {
  const { key } = shown.record
  return {
    id: key.id,
    name: key.name,
    description: key.description || undefined,
    value: shown.text ?? key.maskedValue,
    is_active: key.isActive,
    expires_at: key.expiresMs === null ? undefined : new Date(key.expiresMs).toISOString(),
    provider_configs: key.providerConfigs.map(config => renderProviderConfig(config, shown)),
    mcp_configs: [],
    calendar_aligned: key.calendarAligned,
    ...renderLimits(shown, null),
    config_hash: '',
    created_at: new Date(key.createdMs).toISOString(),
    updated_at: new Date(key.updatedMs).toISOString(),
  }
}
