import { presentedVirtualKey } from '../access/presented-virtual-key.ts'
import { takeKeyRequest } from '../access/take-request.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { readKeyUsage } from './read-key-usage.ts'
import { renderKey } from './render-key.ts'

// What provider keys are called is their owner's to know.
function withoutKeys({ keys: _, ...config }: ReturnType<typeof renderKey>['provider_configs'][number]) {
  return config
}

/**
 * `GET /api/governance/virtual-keys/quota`: how the presented virtual key stands, in exactly the members of contract 1.9.
 * `model_configs` is empty: the limits of models bind all keys of a tenant, and what was spent of them is not one key's to know.
 */
export async function getQuota(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const record = await presentedVirtualKey(c.req.raw, ports)
  const { tenantId, id: keyId } = record.key
  await takeKeyRequest({ tenantId, keyId }, c, ports)
  const [known, usage] = await Promise.all([readProviders(tenantId, ports), readKeyUsage(record, ports)])
  const shown = renderKey({ record, known, usage })
  return c.json({
    virtual_key_name: shown.name,
    is_active: shown.is_active,
    budgets: shown.budgets ?? [],
    rate_limit: shown.rate_limit ?? null,
    provider_configs: shown.provider_configs.map(withoutKeys),
    model_configs: [],
  })
}
