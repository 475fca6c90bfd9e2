import { z } from 'zod'
import { Tags } from './attribution.ts'

/** How many events one request may report. */
export const MAX_EVENTS = 1000

const MAX_TOKENS = 1_000_000_000
const MAX_LATENCY_MS = 86_400_000

const tokens = z.int().min(0).max(MAX_TOKENS)
const name = z.string().min(1).max(256)
const label = name.nullish()
const visible = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters')

const counts = {
  ...{ input_tokens: tokens.optional(), output_tokens: tokens.optional() },
  ...{ tokens_input: tokens.optional(), tokens_output: tokens.optional() },
  ...{ cached_input_tokens: tokens.default(0), cache_write_tokens: tokens.default(0) },
  reasoning_tokens: tokens.default(0),
}

/** A call that did not pass through the gateway, as its tenant reports it. `external_id` and `timestamp` make it that one call. */
export const ReportedEventInput = z.strictObject({
  external_id: visible.meta({ description: 'The same call has the same `external_id` and `timestamp` each time.' }),
  timestamp: z.iso.datetime({ offset: true }).meta({ description: 'When the call began.' }),
  ...{ provider: name, model: name },
  ...counts,
  cost_usd: z.number().min(0).max(1_000_000).optional().meta({
    description: 'What it cost. Where it is absent it is reckoned by the price lists.',
  }),
  service_tier: name.optional(),
  latency_ms: z.int().min(0).max(MAX_LATENCY_MS).default(0),
  status: z.int().min(100).max(599).nullish(),
  success: z.boolean().default(true),
  is_stream: z.boolean().default(false),
  request_id: visible.optional(),
  ...{ feature: label, team: label, agent_name: label, user_id: label, entity_type: label, entity_id: label },
  tags: Tags.default({}),
})
export type ReportedEventInput = z.infer<typeof ReportedEventInput>

/** The body of `POST /v1/events`: one event, or several. */
export const ReportInput = z.union([
  ReportedEventInput,
  z.strictObject({ events: z.array(ReportedEventInput).min(1).max(MAX_EVENTS) }),
])
