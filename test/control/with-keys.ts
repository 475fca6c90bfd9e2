import { fakeControl, KEYS, NOW, newTenant } from './fake-ports.ts'

/** The id of a row. */
export const UUID = /^[0-9a-f-]{36}$/
/** When everything happens, as it is shown. */
export const ISO_NOW = new Date(NOW).toISOString()

/** A refusal in the words of the contract. */
export function refusal(status: number, message: unknown) {
  return { status, body: { is_bifrost_error: false, status_code: status, error: { message }, extra_fields: {} } }
}

/** A tenant, and what it does with its virtual keys. */
export async function setUp(overrides?: Parameters<typeof fakeControl>[0]) {
  const control = fakeControl(overrides)
  const tenant = await newTenant(control)
  const create = async (body: Record<string, unknown>) => {
    const answer = await tenant.call('POST', KEYS, body)
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
    return answer.body.virtual_key
  }
  const put = (id: string, body: unknown) => tenant.call('PUT', `${KEYS}/${id}`, body)
  const get = async (id: string) => (await tenant.call('GET', `${KEYS}/${id}`)).body.virtual_key
  return { ...control, ...tenant, create, put, get }
}

/** A body with everything. */
export const FULL = {
  name: 'full',
  description: 'a key',
  provider_configs: [
    {
      provider: 'openai',
      weight: 0.7,
      allowed_models: ['gpt-4o-mini', 'gpt-4o'],
      blacklisted_models: ['gpt-4o'],
      budgets: [{ max_limit: 0.5, reset_duration: '1h' }],
      rate_limit: { request_max_limit: 10, request_reset_duration: '1m' },
      key_ids: ['*'],
    },
    { provider: 'anthropic', allowed_models: ['*'], key_ids: ['*'] },
  ],
  budgets: [
    { max_limit: 100.5, reset_duration: '1M', calendar_aligned: true },
    { max_limit: 10, reset_duration: '1d' },
  ],
  rate_limit: {
    token_max_limit: 1000,
    token_reset_duration: '1h',
    request_max_limit: 50,
    request_reset_duration: '1m',
  },
}
