import { KEYS } from './cast.mjs'
import { ask } from './start.mjs'

const KEYS_PATH = '/api/governance/virtual-keys'
const LIMITED = ['agent:agent_1', 'agent:agent_2', 'feature:feature_1', 'user:user_1']

/** How many budgets each tenant has: one of each key, and of each of these scopes. */
export const BUDGETS = KEYS + LIMITED.length
const BUDGET = { max_limit: 1000, reset_duration: '1M' }

async function limitScopes(url, token) {
  for (const scope of LIMITED) {
    await ask(`${url}/v1/limits`, { token, body: { scope, unit: 'nano_usd', max_usd: 10_000, duration: '1M' } })
  }
}

async function openTenant({ url, setupToken }, index) {
  const body = { tenant_name: `Tenant ${index + 1}` }
  const { data } = await ask(`${url}/v1/setup`, { token: setupToken, body })
  const token = data.admin_key
  const keyIds = []
  // In their order: the n-th name of a key is the n-th id.
  for (let n = 0; n < KEYS; n++) {
    const made = await ask(url + KEYS_PATH, {
      token,
      body: { name: `key ${n + 1}`, provider_configs: [], budgets: [BUDGET] },
    })
    keyIds.push(made.virtual_key.id)
  }
  await limitScopes(url, token)
  return { tenantId: data.tenant_id, token, keyIds }
}

/** Makes so many tenants, with the virtual keys that their events are of: the meters that are confirmed to are there. */
export async function openTenants(worker, count) {
  const tenants = []
  for (let index = 0; index < count; index++) tenants.push(await openTenant(worker, index))
  return tenants
}
