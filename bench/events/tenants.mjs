import { KEYS } from './cast.mjs'
import { ask } from './start.mjs'

const KEYS_PATH = '/api/governance/virtual-keys'

async function openTenant({ url, setupToken }, index) {
  const body = { tenant_name: `Tenant ${index + 1}` }
  const { data } = await ask(`${url}/v1/setup`, { token: setupToken, body })
  const token = data.admin_key
  const keyIds = []
  // In their order: the n-th name of a key is the n-th id.
  for (let n = 0; n < KEYS; n++) {
    const made = await ask(url + KEYS_PATH, { token, body: { name: `key ${n + 1}`, provider_configs: [] } })
    keyIds.push(made.virtual_key.id)
  }
  return { tenantId: data.tenant_id, token, keyIds }
}

/** Makes so many tenants, with the virtual keys that their events are of: the meters that are confirmed to are there. */
export async function openTenants(worker, count) {
  const tenants = []
  for (let index = 0; index < count; index++) tenants.push(await openTenant(worker, index))
  return tenants
}
