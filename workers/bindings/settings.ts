import { z } from 'zod'
import { PLANS } from '../core/access/plan.ts'

const whole = z.coerce.number().int().positive()

/** What a deployment sets: `[vars]` of wrangler.toml, and secrets. Unset secrets of providers leave them unconfigured. */
export const Settings = z.looseObject({
  WEIR_SECRET: z.string().min(32, 'set it to at least 32 random characters: wrangler secret put WEIR_SECRET'),
  WEIR_SETUP_TOKEN: z.string().min(16).optional(),
  JURISDICTION: z.enum(['none', 'eu', 'us']),
  HOLD_MS: whole,
  DRAIN_MS: whole,
  IDLE_MS: whole,
  MAX_BODY_BYTES: whole,
  MAX_FORM_BYTES: whole,
  MOCK_PROVIDER: z.enum(['on', 'off']),
  DEFAULT_PLAN: z.enum(PLANS),
  SETUP_MODE: z.enum(['once', 'open']).default('once'),
  /** Whether who shows nothing may manage the first tenant by `/api/*`, from the same machine. */
  GOVERNANCE_OPEN: z.enum(['on', 'off']).default('off'),
  /** Origins with commas between them, or `*`. */
  ALLOWED_ORIGINS: z.string(),
  /** The secret before the one of today: what was made or sealed under it goes on being good. */
  WEIR_SECRET_PREVIOUS: z.string().min(32).optional(),
  /** Whether tenants may use the deployment's own providers. */
  SHARED_PROVIDERS: z.enum(['on', 'off']).default('on'),
  /** Whether tenants may name what is kept in the deployment's own accounts: where there is one tenant, or all trust each other. */
  SHARED_REFERENCES: z.enum(['on', 'off']).default('off'),
  /** Variables that any tenant may refer to by `env.NAME`, and so read: see docs/provider-keys.md. */
  TENANT_ENV_KEYS: z
    .string()
    .default('')
    .transform(list => list.split(',').map(name => name.trim()))
    .refine(names => !names.some(name => name.startsWith('WEIR_')), "Weir's own secrets cannot be lent to tenants"),
  /** Whether tenants may have private addresses and plain HTTP called: on a machine of one's own. */
  ALLOW_PRIVATE_UPSTREAMS: z.enum(['on', 'off']).default('off'),
  CUSTOM_PRICES: z.string().optional(),
  /** How many days events stay in D1 before they go into the archive, where their tenant says nothing else. */
  EVENT_RETENTION_DAYS: z.coerce.number().int().min(2).max(3650).default(90),
  /** In how many databases tenants' events are: `DB`, and `DB_SHARD_1` to the one below this number. */
  DB_SHARDS: whole.max(100).default(1),
  /** How long the endpoint of a webhook is waited for. */
  WEBHOOK_TIMEOUT_MS: whole.default(10_000),
})
