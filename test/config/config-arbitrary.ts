import fc from 'fast-check'
import type { ConfigFile } from '../../scripts/config/file-schema.ts'

const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const among = <T>(...values: T[]) => fc.constantFrom(...values)

const behaviour = fc.oneof(
  fc.constant({}),
  fc.record({ on_exceed: among('warn' as const, 'refuse' as const), alert_thresholds: among([90, 50], [100], []) }),
  fc.constant({ on_exceed: 'downgrade' as const, downgrade_to: 'gpt-5-mini' }),
)
const clamping = fc.oneof(
  behaviour,
  fc.record({ on_exceed: fc.constant('clamp' as const), clamp_floor: among(16, 40) }),
)

const dollars = fc.integer({ min: 1, max: 5_000_000 }).map(cents => cents / 100)
const budget = fc
  .tuple(
    fc.record({ max_limit: dollars, reset_duration: among('30s', '1h', '1d', '1M', '2w') }),
    clamping,
    some(fc.boolean()),
  )
  .map(([size, does, aligned]) => {
    const canAlign = !['30s', '1h'].includes(size.reset_duration)
    return { ...size, ...does, ...(aligned !== undefined && { calendar_aligned: canAlign && aligned }) }
  })
const budgets = fc.uniqueArray(budget, { maxLength: 2, selector: one => one.reset_duration })

const rateLimit = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), among('tokens', 'requests', 'both'), behaviour)
  .map(([max, units, does]) => ({
    ...(units !== 'requests' && { token_max_limit: max, token_reset_duration: '1d' }),
    ...(units !== 'tokens' && { request_max_limit: max + 1, request_reset_duration: '1M' }),
    ...does,
  }))

// Aligned as a whole, an owner must have no budget that cannot be.
const owned = fc.record({ budgets, rate_limit: some(rateLimit), calendar_aligned: fc.boolean() }).map(limits => ({
  ...limits,
  budgets: limits.budgets.map(one => ({ ...one, calendar_aligned: one.calendar_aligned ?? false })),
}))

const named = <T>(names: string[], rest: fc.Arbitrary<T>) =>
  fc.uniqueArray(fc.tuple(among(...names), rest), { selector: ([name]) => name, maxLength: names.length })

const customers = named(['Acme', 'Globex'], owned)
const teams = named(['red', 'blue', 'green'], fc.tuple(owned, fc.nat()))

const providerKey = fc.record({
  value: among('env.SECRET_ONE', 'env.SECRET_TWO', 'deployment.env.LENT_KEY'),
  weight: some(among(1, 2, 0.5)),
  models: some(among(['*'], ['gpt-5', 'gpt-5-mini'])),
  enabled: some(fc.boolean()),
})
const network = fc.record({
  base_url: some(among('https://llm.example.com/v1/', 'https://llm.example.com')),
  default_request_timeout_in_seconds: some(among(5, 60)),
})
const providers = named(
  ['own', 'anthropic'],
  fc.record({
    keys: named(['main', 'spare'], providerKey).map(list => list.map(([name, key]) => ({ name, ...key }))),
    region: some(among('eu-1', 'us-1')),
    residency: some(among('EU', 'us')),
    network_config: some(network),
  }),
).map(list => list.map(([provider, more]) => ({ provider, vendor: provider === 'own' ? 'openai' : provider, ...more })))

const clients = named(
  ['files', 'web'],
  fc.record({
    connection_type: among('http' as const, 'sse' as const),
    connection_string: among('https://mcp.example.com/mcp', 'https://mcp.example.com'),
    headers: among({}, { 'X-Token': 'env.SECRET_ONE', Other: 'deployment.env.LENT_KEY' }),
    tools_to_execute: some(among(['*'], ['read', 'list'])),
    tool_execution_timeout: some(among(0, 30)),
    is_active: some(fc.boolean()),
  }),
)

const grant = fc.record({
  weight: some(among(1, 0.25)),
  allowed_models: some(among(['*'], ['gpt-5', 'b'], [])),
  budgets,
  rate_limit: some(rateLimit),
})
const grants = named(['openai', 'MOCK'], grant)

const handling = among(
  {},
  { admission_mode: 'expected' as const, expected_output_tokens: 500 },
  { settlement: 'durable' as const, description: 'said' },
  { is_active: false, reliability: { max_retries: 1 }, expires_at: '2031-01-01T00:00:00+02:00' },
)
const keys = named(['web', 'batch', 'dev'], fc.tuple(owned, grants, handling, fc.nat()))

const limit = fc
  .tuple(
    among(
      'tenant',
      'provider:Openai',
      'feature:search',
      'model:gpt-5/provider:openai',
      'tag:a=b',
      'all:["user:u","agent:a"]',
    ),
    among('nano_usd', 'tokens', 'in_flight'),
    dollars,
    behaviour,
  )
  .map(([scope, unit, usd, does]) => {
    if (unit === 'nano_usd') return { scope, unit: 'nano_usd' as const, max_usd: usd, duration: '1d', ...does }
    const max = Math.ceil(usd)
    return unit === 'tokens'
      ? { scope, unit: 'tokens' as const, max, duration: '1M', calendar_aligned: max % 2 === 0, ...does }
      : { scope, unit: 'in_flight' as const, max, ...does }
  })
const limits = fc.uniqueArray(limit, { maxLength: 5, selector: one => `${one.scope} ${one.unit}` })
const models = named(['gpt-5', 'gpt-5-mini'], fc.record({ budgets, rate_limit: some(rateLimit) }))

const rules = fc
  .tuple(
    named(
      ['first', 'second', 'third'],
      fc.record({ enabled: some(fc.boolean()), fallbacks: some(among([], ['openai/gpt-5'])) }),
    ),
    fc.nat(5),
  )
  .map(([list, turn]) =>
    list.map(([name, more], index) => ({
      name,
      ...more,
      priority: (index + turn) % 3,
      targets: [
        { provider: 'openai', weight: 0.5 },
        { provider: 'OPENAI', model: 'gpt-5', weight: 0.5 },
      ],
    })),
  )
const overrides = named(
  ['low', 'high'],
  fc.record({
    pattern: among('gpt-5*', 'a*'),
    patch: among({ input_cost_per_token: 1e-7 }, { output_cost_per_token: 2e-6 }, {}),
  }),
).map(list =>
  list.map(([name, more]) => ({
    name,
    match_type: 'wildcard' as const,
    request_types: ['chat_completion' as const],
    ...more,
  })),
)

const tenant = some(
  fc.record({
    settings: fc.record(
      {
        budget_exceeded_status: among(402 as const, 429 as const, null),
        governance_compat: among('1.4' as const, null),
        required_headers: among(['x-team', 'X-Feature'], [], null),
      },
      { requiredKeys: [] },
    ),
  }),
)

const webhooks = named(
  ['https://hooks.example.com/a', 'https://hooks.example.com/b?x=1'],
  fc.record({
    events: among(['budget_exceeded' as const], ['alert_triggered' as const, 'budget_exceeded' as const]),
    secret: among('env.SECRET_ONE', 'env.SECRET_TWO'),
    active: some(fc.boolean()),
  }),
).map(list => list.map(([url, more]) => ({ url, ...more })))

const parts = fc.record({
  webhooks,
  clients,
  tenant,
  customers,
  teams,
  providers,
  models,
  limits,
  keys,
  rules,
  overrides,
})
type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never

function nth<T>(list: T[], index: number): T | undefined {
  return list.length === 0 ? undefined : list[index % (list.length + 1)]
}

// The limits of a model config are those of its scope: a file names each once.
function withoutRepeated({ models: configs, limits: all }: Parts) {
  return all.filter(({ scope }) => !configs.some(([model]) => scope === `model:${model}`))
}

function assemble(all: Parts): ConfigFile {
  const team = (index: number) => nth(all.teams, index)?.[0]
  const customer = (index: number) => nth(all.customers, index)?.[0]
  const own = all.providers.map(({ provider, keys: list }) => ({ provider, keys: list.map(one => one.name) }))
  return {
    ...(all.tenant && { tenant: all.tenant }),
    customers: all.customers.map(([name, more]) => ({ name, ...more })),
    teams: all.teams.map(([name, [more, index]]) => ({ name, customer: customer(index), ...more })),
    providers: all.providers,
    webhooks: all.webhooks,
    model_configs: all.models.map(([model_name, more]) => ({ model_name, ...more })),
    limits: withoutRepeated(all),
    mcp_clients: all.clients.map(([name, more]) => ({ name, ...more })),
    virtual_keys: all.keys.map(([name, [more, list, does, index]]) => ({
      ...{ name, ...more, ...does },
      ...(index % 2 === 0 ? { team: team(index) } : { customer: customer(index) }),
      mcp_configs: all.clients.map(([mcp_client_name]) => ({ mcp_client_name, tools_to_execute: ['read'] })),
      provider_configs: [
        ...list.map(([provider, one]) => ({ provider, ...one })),
        ...own.map(({ provider, keys: mine }) => ({ provider, keys: mine })),
      ],
    })),
    routing_rules: [
      ...all.rules,
      ...all.teams.map(([scope_name]) => ({
        name: 'own',
        scope: 'team' as const,
        scope_name,
        targets: [{ model: 'x', weight: 1 }],
      })),
    ],
    pricing_overrides: [
      ...all.overrides,
      ...all.keys.map(([name]) => ({
        ...{ name: `of ${name}`, scope_kind: 'virtual_key' as const, virtual_key: name, pattern: 'gpt-5' },
        ...{ request_types: ['embedding' as const], patch: { input_cost_per_token: 3e-7 } },
      })),
    ],
  }
}

/** Files of all that can be declared, in which every name stands for something. */
export const configFile: fc.Arbitrary<ConfigFile> = parts.map(assemble)
