// The product's own objects without the gateway before them: a Worker whose requests are admissions and settlements alone.
// Bundled by `objects.mjs` with the product's settings.
import { uuidv7 } from 'uuidv7'
import { eventDraft } from '../../test/support/event-draft.ts'
import { budgetName, meterName } from '../../workers/core/quota/meter-protocol.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'

export { BudgetObject } from '../../durable-objects/budget/object.ts'
export { CallObject } from '../../durable-objects/call/object.ts'
export { HealthObject } from '../../durable-objects/health/object.ts'
export { MeterObject } from '../../durable-objects/meter/object.ts'
export { NonceObject } from '../../durable-objects/nonce/object.ts'
export { RateObject } from '../../durable-objects/rate/object.ts'

const CUSTOMER = 'customer:c'
const NEED = { nano_usd: 10_000, tokens: 100, requests: 1, in_flight: 1 }
const BOUND = { inputTokens: 50, outputTokens: 50 }
const HOLD_MS = 60_000
const ENDED = { outcome: 'ok', success: true, usage: NO_USAGE, latencyMs: 1, firstByteMs: 1, httpStatus: 200 }

const keyOf = n => `key-${n}`
const meterOf = (env, tenantId, n) => env.METER.getByName(meterName({ tenantId, keyId: keyOf(n) }))
const budgetOf = (env, tenantId) => env.BUDGET.getByName(budgetName({ tenantId, scope: CUSTOMER }))

function limitOf(scope) {
  const window = { duration: '1Y', isAligned: true, anchorMs: 0 }
  return { id: `${scope}/usd`, scope, unit: 'nano_usd', max: 1e15, window }
}

function snapshotOf(tenantId, n, isLeased) {
  const keyId = keyOf(n)
  const status = { isActive: true, isDeleted: false, expiresMs: null, teamId: null, customerId: 'c', providers: [] }
  const limits = [limitOf(`virtual_key:${keyId}`), ...(isLeased ? [limitOf(CUSTOMER)] : [])]
  return { version: 1, tenantId, keyId, name: keyId, keyHash: 'h', ...status, limits }
}

/** Puts the settings of keys `from` to `to` into their meters, and the customer's into its owner. */
async function open(env, { tenantId, from, to, isLeased }) {
  if (isLeased) {
    await budgetOf(env, tenantId).putSnapshot({ version: 1, tenantId, scope: CUSTOMER, limits: [limitOf(CUSTOMER)] })
  }
  for (let n = from; n < to; n++) await meterOf(env, tenantId, n).putSnapshot(snapshotOf(tenantId, n, isLeased))
}

async function spend(env, tenantId, n) {
  const nowMs = Date.now()
  const draft = eventDraft({ tenant_id: tenantId, virtual_key_id: keyOf(n) })
  const scopes = [`virtual_key:${keyOf(n)}`, CUSTOMER]
  const attempt = { callId: uuidv7(), attempt: 1, nowMs, scopes, draft }
  const meter = meterOf(env, tenantId, n)
  const asked = { ...attempt, deadlineMs: nowMs + HOLD_MS, need: NEED, bound: BOUND, snapshotVersion: 1 }
  const { kind } = await meter.admit(asked)
  if (kind !== 'admitted') throw new Error(`${keyOf(n)} was answered ${kind}`)
  // All that was held is spent: a lease lasts no longer than it must.
  await meter.settle({ ...attempt, ...ENDED, costNano: NEED.nano_usd })
}

/** `count` requests, one after the other, each by the next key. */
async function run(env, { tenantId, keys, from, count }) {
  for (let n = from; n < from + count; n++) await spend(env, tenantId, n % keys)
}

const COMMANDS = { '/open': open, '/run': run }

// biome-ignore lint/style/noDefaultExport: a Worker's entry is its default export.
export default {
  async fetch(request, env) {
    const command = COMMANDS[new URL(request.url).pathname]
    await command(env, await request.json())
    return new Response()
  },
  // Confirmed without D1, which elsewhere is another machine's work.
  async queue(batch, env) {
    for (const { body } of batch.messages) {
      const seqs = body.rows.map(({ seq }) => seq)
      await env.METER.getByName(meterName(body.meter)).confirm(seqs)
    }
  },
}
