// A key under one budget, wherever that budget lies.
import { nanoOf } from './price.mjs'

/** The key's own meter counts it; an owner lends it to the key's several meters; an owner lends it to a team's keys. */
export const LEVELS = /** @type {const} */ (['key', 'sharded key', 'team'])
/** The fields of a key with several meters. */
export const FOUR_METERS = { meter: { regions: 'one', shards: 4 } }

const budgetsOf = budget => [{ reset_duration: '1M', ...budget }]

/** A team with a budget. `change` sets another; `used` is what it shows, in nano-dollars. */
export async function limitTeam(admin, budget) {
  const body = { name: `team-${crypto.randomUUID()}`, budgets: budgetsOf(budget) }
  const { id } = (await admin.call('POST', '/api/governance/teams', body)).team
  const path = `/api/governance/teams/${id}`
  return {
    id,
    scope: `team:${id}`,
    change: to => admin.call('PUT', path, { budgets: budgetsOf(to) }),
    used: async () => nanoOf((await admin.call('GET', path)).team.budgets[0].current_usage),
  }
}

async function limitKey(admin, budget, rest) {
  const key = await admin.createKey({ budgets: budgetsOf(budget), ...rest })
  return {
    key,
    scope: `virtual_key:${key.id}`,
    change: to => admin.updateKey(key.id, { budgets: budgetsOf(to) }),
    used: async () => nanoOf((await admin.getKey(key.id)).budgets[0].current_usage),
  }
}

/**
 * A key under one budget, with further fields of the key in `rest`. `change` sets another budget; `used` is what it shows,
 * in nano-dollars.
 * @param {any} admin
 * @param {typeof LEVELS[number]} level
 * @param {{ max_limit: number, [field: string]: unknown }} budget
 */
export async function limited(admin, level, { rest = {}, ...budget }) {
  if (level !== 'team') return limitKey(admin, budget, level === 'sharded key' ? { ...FOUR_METERS, ...rest } : rest)
  const team = await limitTeam(admin, budget)
  return { ...team, key: await admin.createKey({ team_id: team.id, ...rest }) }
}
