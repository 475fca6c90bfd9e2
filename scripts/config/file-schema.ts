import { z } from 'zod'
import { LimitBehaviourInput } from '../../workers/contracts/limit-behaviour-input.ts'
import { ReliabilityInput } from '../../workers/contracts/reliability.ts'
import { TenantSettingsInput } from '../../workers/contracts/tenant-input.ts'
import { HandlingInput } from '../../workers/contracts/virtual-key-input.ts'
import { MCP_TRANSPORTS } from '../../workers/core/mcp/mcp-client.ts'
import { nanoFromUsd } from '../../workers/core/money/nano-usd.ts'
import { OVERRIDE_SCOPES } from '../../workers/core/pricing/price-override.ts'
import { REQUEST_TYPES } from '../../workers/core/pricing/request-type.ts'
import { compileExpression } from '../../workers/core/rules/compile-expression.ts'
import { RULE_SCOPES } from '../../workers/core/rules/routing-rule.ts'
import { WEBHOOK_EVENTS } from '../../workers/core/webhooks/webhook-event.ts'
import { parseDuration } from '../../workers/core/window/parse-duration.ts'

const aName = { error: 'must be a name of 1 to 255 characters, without spaces at its ends' }
const aDuration = { error: 'must be a duration such as 30s, 5m, 1h, 1d, 2w, 3M, 1Q or 1Y' }
const dollars = { error: 'must be a number of dollars above 0, with at most 9 decimals' }
const aWhole = { error: 'must be a whole number above 0' }
const anInstant = { error: 'must be a time with its zone, such as 2027-01-31T00:00:00Z' }

const name = z
  .string(aName)
  .min(1, aName)
  .max(255, aName)
  .refine(text => text.trim() === text, aName)
const names = z.array(name).optional()
const duration = z.string(aDuration).refine(text => parseDuration(text) !== undefined, aDuration)
const usd = z.number(dollars).refine(value => value > 0 && nanoFromUsd(value) !== undefined, dollars)
const whole = z.int(aWhole).min(1, aWhole)
const flag = z.boolean().optional()
const text = z.string().optional()
const secret = z.string().optional().meta({
  description:
    '`env.NAME`: what the variable NAME is where the command runs. `deployment.env.NAME`: a variable that the deployment lends to its tenants.',
})

const Budget = z
  .strictObject({ max_limit: usd, reset_duration: duration, calendar_aligned: flag, ...LimitBehaviourInput.shape })
  .refine(({ calendar_aligned, reset_duration }) => !calendar_aligned || parseDuration(reset_duration)?.step, {
    path: ['calendar_aligned'],
    error: 'needs a reset_duration of whole days, weeks, months, quarters or years',
  })

const RateLimit = z
  .strictObject({
    ...{ token_max_limit: whole.optional(), token_reset_duration: duration.optional() },
    ...{ request_max_limit: whole.optional(), request_reset_duration: duration.optional() },
    ...LimitBehaviourInput.shape,
  })
  .refine(rate => rate.token_max_limit || rate.request_max_limit, 'needs a token_max_limit or a request_max_limit')
  .refine(
    rate => !rate.token_max_limit === !rate.token_reset_duration,
    'needs both token_max_limit and token_reset_duration, or neither',
  )
  .refine(
    rate => !rate.request_max_limit === !rate.request_reset_duration,
    'needs both request_max_limit and request_reset_duration, or neither',
  )

const Limits = { budgets: z.array(Budget).optional(), rate_limit: RateLimit.optional() }
const Owned = { ...Limits, calendar_aligned: flag }

const Tenant = z.strictObject({ name: name.optional(), settings: z.strictObject(TenantSettingsInput.shape).optional() })
const Customer = z.strictObject({ name, ...Owned })
const Team = z.strictObject({ name, customer: name.optional(), ...Owned })

const ProviderKey = z.strictObject({
  ...{ name, value: secret, weight: z.number().min(0).optional(), models: names, blacklisted_models: names },
  enabled: flag,
  azure_key_config: z
    .strictObject({ endpoint: text, api_version: text, deployments: z.record(z.string(), z.string()).optional() })
    .optional(),
  vertex_key_config: z.strictObject({ project_id: text, region: text, auth_credentials: secret }).optional(),
  bedrock_key_config: z
    .strictObject({ access_key: secret, secret_key: secret, session_token: secret, region: text })
    .optional(),
})

const seconds = z.int().min(1).max(3600).optional()

const Provider = z.strictObject({
  ...{ provider: name, vendor: text, region: text, residency: text },
  network_config: z
    .strictObject({
      base_url: z.url({ protocol: /^https?$/ }).optional(),
      ...{ default_request_timeout_in_seconds: seconds, stream_idle_timeout_in_seconds: seconds },
    })
    .optional(),
  keys: z.array(ProviderKey).optional(),
})

const McpClient = z.strictObject({
  name,
  connection_type: z.enum(MCP_TRANSPORTS),
  connection_string: z.url({ protocol: /^https?$/ }),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: 'Each as a secret is written: `env.NAME`.' }),
  ...{ tools_to_execute: names, tool_execution_timeout: z.int().min(0).max(600).optional() },
  ...{ allow_on_all_virtual_keys: flag, is_active: flag },
})

const Webhook = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  events: z.array(z.enum(WEBHOOK_EVENTS)).min(1),
  secret: z.string().meta({
    description: '`env.NAME`: what deliveries are signed with. Given when the webhook is made; the API rotates it.',
  }),
  active: flag,
})

const ModelConfig = z.strictObject({ model_name: name, provider: name.optional(), ...Limits })

/** Where the limits of these are said instead. */
const ELSEWHERE = { team: 'teams', customer: 'customers', virtual_key: 'virtual_keys' }

function isListOfTexts(text: string): boolean {
  try {
    return z.array(z.string()).safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}

function scopeFlaw(scope: string): string | undefined {
  const [kind = ''] = scope.split(':')
  const section = Object.entries(ELSEWHERE).find(([name]) => name === kind)?.[1]
  if (section) return `is not said here: give the budgets and the rate_limit of a ${kind} where it is, in ${section}`
  if (kind === 'all' && !isListOfTexts(scope.slice('all:'.length))) return 'must be all: and a JSON array of scopes'
  return kind === 'tenant' && scope !== 'tenant' ? 'is tenant, without an id' : undefined
}

const aScope = z
  .string()
  .min(1)
  .superRefine((scope, context) => {
    const message = scopeFlaw(scope)
    if (message) context.addIssue({ code: 'custom', message })
  })
  .meta({
    description:
      'tenant, provider:NAME, model:NAME, model:NAME/provider:NAME, feature:NAME, agent:NAME, user:ID, entity:TYPE/ID, tag:NAME=VALUE, or all: and a JSON array of several of these',
  })

const Limit = z
  .strictObject({
    scope: aScope,
    unit: z.enum(['nano_usd', 'tokens', 'requests', 'in_flight']),
    ...{ max: whole.optional(), max_usd: usd.optional(), duration: duration.optional(), calendar_aligned: flag },
    ...LimitBehaviourInput.shape,
  })
  .refine(({ unit, max, max_usd }) => (unit === 'nano_usd') === (max_usd !== undefined) && !(max && max_usd), {
    error: 'needs max_usd where unit is nano_usd, and max where it is not',
  })
  .refine(({ max, max_usd }) => max !== undefined || max_usd !== undefined, {
    error: 'needs max, or max_usd for money',
  })
  .refine(({ unit, duration }) => (unit === 'in_flight') === (duration === undefined), {
    error: 'needs a duration, unless unit is in_flight, which knows none',
  })

const ProviderConfig = z.strictObject({
  provider: name,
  weight: z.number().min(0).nullish(),
  ...{ allowed_models: names, blacklisted_models: names },
  keys: names.meta({ description: 'Names of the account\'s keys; `["*"]` is all of them, and the default.' }),
  ...Limits,
})

const VirtualKey = z
  .strictObject({
    ...{ name, description: text, team: name.optional(), customer: name.optional(), is_active: flag },
    expires_at: z.iso.datetime({ offset: true, ...anInstant }).optional(),
    provider_configs: z.array(ProviderConfig).optional(),
    mcp_configs: z.array(z.strictObject({ mcp_client_name: name, tools_to_execute: names })).optional(),
    ...Owned,
    ...HandlingInput.shape,
    reliability: ReliabilityInput.nullish(),
  })
  .refine(({ team, customer }) => !team || !customer, { error: 'cannot be of a team and of a customer at once' })

const PricingOverride = z.strictObject({
  ...{ name, scope_kind: z.enum(OVERRIDE_SCOPES).optional(), virtual_key: name.optional(), provider: name.optional() },
  provider_key: name.optional().meta({ description: 'A key of an account: ACCOUNT/NAME.' }),
  ...{ match_type: z.enum(['exact', 'wildcard']).optional(), pattern: name },
  request_types: z.array(z.enum(REQUEST_TYPES)).min(1),
  patch: z.record(z.string(), z.number().min(0)),
})

const anExpression = z.string().superRefine((expression, context) => {
  const compiled = expression.trim() === '' ? undefined : compileExpression(expression)
  if (compiled && !compiled.ok) context.addIssue({ code: 'custom', message: `is no CEL expression: ${compiled.flaw}` })
})

const Target = z.strictObject({
  ...{ provider: name.optional(), model: name.optional(), weight: z.number().min(0).optional() },
  key: name.optional().meta({ description: "The name of one of the provider's keys." }),
})

const RoutingRule = z
  .strictObject({
    ...{ name, description: text, enabled: flag, cel_expression: anExpression.optional() },
    targets: z.array(Target).min(1).max(20),
    fallbacks: z.array(z.string()).max(20).optional(),
    ...{ scope: z.enum(RULE_SCOPES).optional(), scope_name: name.optional() },
    ...{ priority: z.int().optional(), chain_rule: flag, query: z.record(z.string(), z.json()).optional() },
  })
  .refine(({ scope = 'global', scope_name }) => (scope === 'global') === (scope_name === undefined), {
    error: 'needs a scope_name where scope is not global, and none where it is',
  })
  .refine(({ targets }) => targets.every(({ key, provider }) => !key || provider), {
    error: 'has a target with a key and no provider: name the provider whose key it is',
  })

/** A configuration file. What it does not name of an object is the default; what it does not name at all is left alone. */
export const ConfigFile = z.strictObject({
  $schema: text,
  tenant: Tenant.optional(),
  customers: z.array(Customer).optional(),
  teams: z.array(Team).optional(),
  providers: z.array(Provider).optional(),
  mcp_clients: z.array(McpClient).optional(),
  model_configs: z.array(ModelConfig).optional(),
  limits: z.array(Limit).optional(),
  virtual_keys: z.array(VirtualKey).optional(),
  pricing_overrides: z.array(PricingOverride).optional(),
  routing_rules: z.array(RoutingRule).optional(),
  webhooks: z.array(Webhook).optional(),
})
export type ConfigFile = z.infer<typeof ConfigFile>

/** The parts of a file that more than one kind has, and those of single kinds. */
export type BudgetSpec = z.infer<typeof Budget>
export type RateLimitSpec = z.infer<typeof RateLimit>
export type ProviderKeySpec = z.infer<typeof ProviderKey>
export type LimitSpec = z.infer<typeof Limit>
