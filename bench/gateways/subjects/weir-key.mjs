// A key of Weir with everything on: limits of its own, of its grant, team, customer, provider and model.
const MUCH_USD = 1_000_000
const MANY = 1_000_000_000

const limits = {
  budgets: [{ max_limit: MUCH_USD, reset_duration: '1M' }],
  rate_limit: {
    request_max_limit: MANY,
    request_reset_duration: '1h',
    token_max_limit: MANY * 1000,
    token_reset_duration: '1h',
  },
}
const [budget] = limits.budgets
const limit = { budget, rate_limit: limits.rate_limit }

/** Makes such a key in the tenant of `admin`, and what it stands under. */
export async function makeLimitedKey(admin) {
  const make = (method, path, body) => admin.call(method, `/api/governance/${path}`, body)
  const name = crypto.randomUUID()
  await make('PUT', 'providers/openai', limit)
  await make('POST', 'model-configs', { model_name: 'gpt-4o-mini', provider: 'openai', ...limit })
  const { customer } = await make('POST', 'customers', { name, ...limits })
  const { team } = await make('POST', 'teams', { name, customer_id: customer.id, ...limits })
  const grant = { provider: 'openai', allowed_models: ['*'], key_ids: ['*'], ...limits }
  return admin.createKey({ name, team_id: team.id, ...limits, provider_configs: [grant] })
}
