import type { KeyRecord } from '../../db/key-record.ts'
import type { ControlPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { readKeyUsage } from './read-key-usage.ts'
import { renderKey } from './render-key.ts'

// What provider keys are called is their owner's to know.
function withoutKeys({ keys: _, ...config }: ReturnType<typeof renderKey>['provider_configs'][number]) {
  return config
}

/** How a virtual key stands, as it may see it itself: its own limits, and none that it shares with others. */
export async function showQuota(record: KeyRecord, ports: ControlPorts) {
  const { tenantId } = record.key
  const [known, usage] = await Promise.all([readProviders(tenantId, ports), readKeyUsage(record, ports)])
  const shown = renderKey({ record, known, usage })
  return {
    virtual_key_name: shown.name,
    is_active: shown.is_active,
    budgets: shown.budgets ?? [],
    rate_limit: shown.rate_limit ?? null,
    provider_configs: shown.provider_configs.map(withoutKeys),
    model_configs: [],
  }
}
