// Keys with so many scopes that have limits, and how their requests come.
const usd = max_limit => [{ max_limit, reset_duration: '1M' }]
const MUCH = usd(1_000_000)
const MODEL = 'gpt-4o-mini'
const PROVIDER = 'openai'

async function groupsOf(admin, scopes) {
  if (scopes < 3) return {}
  const name = crypto.randomUUID()
  const make = (path, body) => admin.call('POST', `/api/governance/${path}`, { name, budgets: MUCH, ...body })
  const { customer } = await make('customers', {})
  const { team } = await make('teams', { customer_id: customer.id })
  return { team_id: team.id }
}

async function addOuter({ admin, tenantId }) {
  const limit = { unit: 'nano_usd', max_usd: 1_000_000, duration: '1M' }
  for (const scope of [`provider:${PROVIDER}`, `model:${MODEL}`, `tenant:${tenantId}`]) {
    await admin.call('POST', '/v1/limits', { ...limit, scope })
  }
}

/** `count` keys under 1, 3 (key, team, customer) or 6 scopes (also provider, model, tenant) with a budget each. */
export async function keysUnder(server, scopes, count) {
  const { admin } = server
  const parent = await groupsOf(admin, scopes)
  const keys = []
  for (let n = 0; n < count; n++) keys.push(await admin.createKey({ budgetUsd: 1_000_000, ...parent }))
  if (scopes > 3) await addOuter(server)
  return keys
}
