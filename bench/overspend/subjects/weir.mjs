// Weir as a subject: keys are made for each case, the books are read from its management API.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { adminClient } from '../../../test/support/admin.mjs'
import { nanoOf } from '../../../test/support/price.mjs'
import { startWeir } from '../../../test/support/weir-server.mjs'
import { bodyOf } from '../request.mjs'

const MODEL = 'openai/gpt-4o-mini'
const LONG = '1M'
/** Outcomes of which the provider never said what they cost. */
const GUESSES = ['estimated', 'assumed']

const usdOf = nano => nano / 1e9
const budgetOf = (limitNano, duration = LONG) => ({ max_limit: usdOf(limitNano), reset_duration: duration })
const openai = limits => [{ provider: 'openai', allowed_models: ['*'], key_ids: ['*'], ...limits }]

/** Keys that are not like most. */
const KINDS = {
  'four meters': { meter: { regions: 'one', shards: 4 } },
  expected: { admission_mode: 'expected', expected_output_tokens: 50 },
}

const TEAMS = '/api/governance/teams'
const TEAM_KEYS = 8

async function keysOfTeam(admin, { keyNano, sharedNano }) {
  const { team } = await admin.call('POST', TEAMS, { name: `team-${randomUUID()}`, budgets: [budgetOf(sharedNano)] })
  const key = { budgets: [budgetOf(keyNano)], provider_configs: openai({}), team_id: team.id }
  return Promise.all(Array.from({ length: TEAM_KEYS }, () => admin.createKey(key)))
}

/** Where a second limit can lie above or beside the key's own. `keys`: how many share it. */
function sharedLevels(admin) {
  return [
    { name: 'team', keys: TEAM_KEYS, create: nanos => keysOfTeam(admin, nanos) },
    {
      name: 'key x provider',
      keys: 1,
      async create({ keyNano, sharedNano }) {
        const provider_configs = openai({ budgets: [budgetOf(sharedNano)] })
        return [await admin.createKey({ budgets: [budgetOf(keyNano)], provider_configs })]
      },
    },
  ]
}

/** More than any limit here, where the most it can cost is held, so that it is refused and says what is spent and held. */
async function readDetails({ baseUrl, admin }, key) {
  if (key.admission_mode === 'expected') await admin.updateKey(key.id, { admission_mode: 'strict' })
  const body = { ...bodyOf('probe', { promptWords: 4, maxTokens: 16_384 }, MODEL), n: 128 }
  const headers = { authorization: `Bearer ${key.value}`, 'content-type': 'application/json' }
  const answer = await fetch(`${baseUrl}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) })
  return (await answer.json()).error?.details ?? {}
}

async function listEvents(admin, keys) {
  const lists = await Promise.all(keys.map(key => admin.listEvents({ virtual_key_id: key.id })))
  return lists.flat()
}

/** Events come through a queue: asks until all that reached the upstream are there, and then until nothing changes. */
async function settledEvents(admin, keys, { atLeast, settleMs = 500, withinMs = 15_000 }) {
  const deadline = Date.now() + withinMs
  await sleep(settleMs)
  for (let before = '', events = []; ; before = JSON.stringify(events)) {
    events = await listEvents(admin, keys)
    const isStill = events.length >= atLeast.length && JSON.stringify(events) === before
    if (isStill || Date.now() > deadline) return events
    await sleep(250)
  }
}

/** What the second level has counted; `undefined` where there is none. */
async function sharedCounterOf(admin, keys) {
  const ofTeam = async id => (await admin.call('GET', `${TEAMS}/${id}`)).team.budgets
  const teamIds = [...new Set(keys.flatMap(key => key.team_id ?? []))]
  const ofConfigs = keys.flatMap(key => key.provider_configs).flatMap(config => config.budgets ?? [])
  const budgets = [...ofConfigs, ...(await Promise.all(teamIds.map(ofTeam))).flat()]
  return budgets.length > 0 ? budgets.reduce((total, one) => total + nanoOf(one.current_usage), 0) : undefined
}

function readRefusal(json) {
  const details = json.error?.details
  return details?.unit === 'nano_usd' ? { ...details, limitId: details.limit_id } : undefined
}

/** A Weir that runs anywhere. Its admin key makes the keys and reads the books. */
export function weirSubject({ baseUrl, admin }) {
  return {
    name: 'Weir',
    model: MODEL,
    baseUrl,
    keysLeft: () => Number.POSITIVE_INFINITY,
    sharedLevels: sharedLevels(admin),
    kinds: KINDS,
    createKey: ({ limitNano, window, kind }) =>
      admin.createKey({ budgets: [budgetOf(limitNano, window)], provider_configs: openai({}), ...KINDS[kind] }),
    setLimit: (key, limitNano) => admin.updateKey(key.id, { budgets: [budgetOf(limitNano)] }),
    /** When the key's current window began, in epoch milliseconds. */
    windowStart: async key => Date.parse((await admin.getKey(key.id)).budgets[0].last_reset),
    isRefusal: (_status, json) => json.error?.code === 'budget_exceeded',
    readRefusal,
    async readBook(keys, how) {
      const events = await settledEvents(admin, keys, how)
      const details = await Promise.all(keys.map(key => readDetails({ baseUrl, admin }, key)))
      const stored = await Promise.all(keys.map(key => admin.getKey(key.id)))
      return {
        events: events.map(event => ({
          requestId: event.request_id,
          costNano: event.cost_nano,
          outcome: event.outcome,
          isGuess: GUESSES.includes(event.outcome),
        })),
        counterNano: stored.reduce((total, key) => total + nanoOf(key.budgets[0].current_usage), 0),
        sharedCounterNano: await sharedCounterOf(admin, stored),
        heldNano: details.reduce((total, one) => total + (one.held ?? 0), 0),
      }
    },
  }
}

/** A Weir elsewhere, by its URL and an admin key. */
export function remoteWeir({ baseUrl, adminKey }) {
  return { ...weirSubject({ baseUrl, admin: adminClient(baseUrl, adminKey) }), stop: async () => {} }
}

/** A Weir of our own, which can also be killed and started again with other settings. */
export async function ownWeir({ upstreamUrl }) {
  const weir = await startWeir({ upstreamUrl })
  return {
    ...weirSubject(weir),
    isOurs: true,
    kill9: weir.kill9,
    start: env => weir.restart(env),
    async restart(env) {
      await weir.stop()
      await weir.restart(env)
    },
    stop: weir.dispose,
  }
}
