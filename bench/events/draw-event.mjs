import { CAST, MODELS } from './cast.mjs'

const NAMES = Object.keys(CAST)
const OUTCOMES = [
  // Until which share of all events, and how they ended.
  [0.955, { outcome: 'ok', success: true, http_status: 200 }],
  [0.97, { outcome: 'estimated', success: true, http_status: 200 }],
  [0.99, { outcome: 'provider_error', success: false, http_status: 529 }],
  [1, { outcome: 'unreachable', success: false, http_status: null }],
]
const UNIT = { input: 'input', output: 'output' }

const whole = (random, mean) => Math.round(-Math.log(1 - random()) * mean)
const hex = (random, digits) =>
  Math.floor(random() * 16 ** digits)
    .toString(16)
    .padStart(digits, '0')

// RFC 9562 section 5.7: 48 bits of time, a version, 12 random bits, a variant, 62 random bits.
function callId(random, atMs) {
  const time = atMs.toString(16).padStart(12, '0')
  return `${time}7${hex(random, 3)}${(8 + Math.floor(random() * 4)).toString(16)}${hex(random, 7)}${hex(random, 8)}`
}

function usageOf(random, success) {
  if (!success) return { input_tokens: 0, output_tokens: 0, cached_input_tokens: 0, reasoning_tokens: 0 }
  const input_tokens = 20 + whole(random, 1800)
  const output_tokens = 5 + whole(random, 350)
  const cached_input_tokens = random() < 0.25 ? Math.floor(input_tokens * random()) : 0
  const reasoning_tokens = random() < 0.2 ? Math.floor(output_tokens * random()) : 0
  return { input_tokens, output_tokens, cached_input_tokens, reasoning_tokens }
}

// Rounded up once, as the product does; every product here is below 2^53.
function charge({ inputPico, outputPico }, { input_tokens, output_tokens }) {
  const cost_nano = Math.ceil((input_tokens * inputPico + output_tokens * outputPico) / 1000)
  const lines = [
    [UNIT.input, input_tokens, inputPico],
    [UNIT.output, output_tokens, outputPico],
  ].filter(([, quantity]) => quantity > 0)
  const cost_detail = lines.length > 0 ? { tier: 'standard', above: null, source: 'pricebook', lines } : null
  return { cost_nano, cost_detail }
}

const nameOf = (picked, name) => (picked[name] < 0 ? null : CAST[name].names[picked[name]])

function attributionOf(picked) {
  const [entity_type = null, entity_id = null] = nameOf(picked, 'entity')?.split('/') ?? []
  const { agent_name, user_id, team, feature } = Object.fromEntries(NAMES.map(name => [name, nameOf(picked, name)]))
  const tags = JSON.parse(nameOf(picked, 'tags') ?? '{}')
  return { feature, team, agent_name, user_id, entity_type, entity_id, tags }
}

function timesOf(random, atMs, { output_tokens }) {
  const latency_ms = 150 + whole(random, 400) + output_tokens * 12
  const first_byte_ms = Math.min(latency_ms, 120 + whole(random, 200))
  return { timestamp_ms: atMs, admitted_ms: atMs + 3, settled_ms: atMs + latency_ms, latency_ms, first_byte_ms }
}

/** One event of a call that began at `atMs`, of a tenant's key, and what was picked for it of each dimension. */
export function drawEvent(random, { tenantId, keyIds, atMs }) {
  const picked = Object.fromEntries(NAMES.map(name => [name, CAST[name].draw(random)]))
  const priced = MODELS[picked.model]
  const at = random()
  const [, ended] = OUTCOMES.find(([upTo]) => at < upTo)
  const usage = usageOf(random, ended.success)
  const id = callId(random, atMs)
  const name = `${priced.provider}/${priced.model}`
  const event = {
    ...{
      id: `evt_${id}_1`,
      tenant_id: tenantId,
      virtual_key_id: keyIds[picked.key],
      request_id: `req_${id.slice(12)}`,
    },
    ...{ attempt: 1, revision: 1, ...timesOf(random, atMs, usage) },
    ...{ provider: priced.provider, model: priced.model, requested_model: name, priced_model: name },
    ...{ pricebook_version: 'generated', is_stream: random() < 0.5, ...attributionOf(picked) },
    ...{ ...usage, cache_write_tokens: 0, ...charge(priced, usage), held_nano: 0, overrun_nano: 0 },
    ...{ ...ended, service_tier: 'standard' },
  }
  return { event: { ...event, held_nano: event.cost_nano * 2 }, picked }
}
