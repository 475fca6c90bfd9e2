// What grows, and how far: each axis has cases of its own, in each of which all else stays small.

import { keysUnder } from '../cost/cases.mjs'
import { makeMany } from '../levels/load.mjs'

const RULES = '/api/governance/routing-rules'
const REPORTED = 1000
const KEYS = 20

/** Keys of one tenant, each with a budget. */
async function keys({ admin }, count) {
  return makeMany(count, () => admin.createKey({ budgetUsd: 1_000_000 }))
}

async function scopes(server, count) {
  return keysUnder(server, count, KEYS)
}

/** A scope has at most so many. */
const RULES_OF_SCOPE = 50

// None is true, so that each is evaluated for every request. A key has the rules of four scopes.
async function rules({ admin }, count) {
  const name = crypto.randomUUID()
  const { customer } = await admin.call('POST', '/api/governance/customers', { name })
  const { team } = await admin.call('POST', '/api/governance/teams', { name, customer_id: customer.id })
  const key = await admin.createKey({ budgetUsd: 1_000_000, team_id: team.id })
  const owners = [['global'], ['customer', customer.id], ['team', team.id], ['virtual_key', key.id]]
  const targets = [{ model: 'gpt-4o-mini', provider: 'openai', weight: 1 }]
  for (let n = 0; n < count; n++) {
    const [scope, scope_id] = owners[Math.floor(n / RULES_OF_SCOPE)]
    const cel_expression = `model.startsWith("never-${n}") && headers["x-nth"] == "${n}"`
    const rule = { name: `rule ${n}`, cel_expression, targets, scope, ...(scope_id && { scope_id }), priority: n }
    await admin.call('POST', RULES, rule)
  }
  return [key]
}

function reportedEvents(at, count) {
  return Array.from({ length: count }, () => ({
    ...{ external_id: crypto.randomUUID(), timestamp: new Date(at).toISOString(), provider: 'openai' },
    ...{ model: 'gpt-4o-mini', input_tokens: 12, output_tokens: 3 },
  }))
}

async function events({ admin }, count) {
  const at = Date.now() - 60_000
  await makeMany(count / REPORTED, () => admin.call('POST', '/v1/events', { events: reportedEvents(at, REPORTED) }))
  return keys({ admin }, KEYS)
}

/** By name: what is counted along it, its cases, and how one is prepared; `prepare` answers the keys to be asked with. */
export const AXES = {
  keys: { text: 'keys of one tenant, each request another one', cases: [1, 100, 1000, 10_000], prepare: keys },
  scopes: { text: 'scopes with a limit above each request', cases: [1, 3, 6], prepare: scopes },
  rules: { text: 'CEL rules that are evaluated, none of which is true', cases: [0, 50, 200], prepare: rules },
  events: { text: 'events that are stored already', cases: [0, 20_000, 200_000], prepare: events },
}
