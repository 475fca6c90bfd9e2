// A team with its keys, which nothing else in a campaign touches, and its books.
import { nanoOf } from '../support/price.mjs'
import { longCall, sendCall } from './load.mjs'

const TEAMS = '/api/governance/teams'

const budgets = nano => [{ max_limit: nano / 1e9, reset_duration: '1M' }]
const maxOf = owner => nanoOf(owner.budgets[0].max_limit)
const counterOf = owner => nanoOf(owner.budgets[0].current_usage)

/** Makes a team with `teamNano` to spend, and keys that may spend as much each. */
export async function openTeam({ admin }, { name, keys, teamNano }) {
  const { team } = await admin.call('POST', TEAMS, { name, budgets: budgets(teamNano) })
  const made = []
  for (let n = 0; n < keys; n++) made.push(await admin.createKey({ budgetUsd: teamNano / 1e9, team_id: team.id }))
  return { id: team.id, feature: name, keys: made.map(key => ({ id: key.id, value: key.value })) }
}

/** What is written of a team: its counter, its keys' counters, and the events of each. Wakes all of its objects. */
export async function readBooks({ admin }, team) {
  const events = await admin.listEvents({ feature: team.feature })
  const readKey = async ({ id }) => {
    const key = await admin.getKey(id)
    const of = events.filter(event => event.virtual_key_id === id)
    return { id, maxNano: maxOf(key), counterNano: counterOf(key), events: of }
  }
  const keys = await Promise.all(team.keys.map(readKey))
  const shown = (await admin.call('GET', `${TEAMS}/${team.id}`)).team
  return { events, keys, team: { maxNano: maxOf(shown), counterNano: counterOf(shown) } }
}

/**
 * Raises the team's limit until exactly one long request fits the rest of it, and asks: nothing may be lost in a dead hold or
 * lease. A limit that is raised calls no lease back, so what is free is found by the request alone. Answers what was not as
 * it should be.
 */
export async function askForTheRest(weir, team, { books, share }) {
  const chosen = Math.floor(share * team.keys.length)
  const { id, value } = team.keys[chosen]
  const send = name => sendCall({ baseUrl: weir.baseUrl, virtualKey: value, feature: 'probe' }, longCall(name))
  const setKey = nano => weir.admin.updateKey(id, { budgets: budgets(nano) })
  const setTeam = nano => weir.admin.call('PUT', `${TEAMS}/${team.id}`, { budgets: budgets(nano) })
  const holdNano = await holdOf(weir)
  await setKey(books.keys[chosen].counterNano + holdNano)
  await setTeam(books.team.counterNano + holdNano - 1)
  const tooLarge = await send('probe-1')
  await setTeam(books.team.counterNano + holdNano)
  const fitting = await send('probe-2')
  const again = await send('probe-3')
  const wanted = [429, 200, 429].join()
  const got = [tooLarge, fitting, again].map(answer => answer.status).join()
  return got === wanted ? [] : [`one nano-dollar too much, just enough, again: answered ${got}`]
}

async function holdOf({ admin, baseUrl }) {
  const probe = await admin.createKey({ budgetUsd: 1 })
  const { heldUsd } = await sendCall({ baseUrl, virtualKey: probe.value, feature: 'probe' }, longCall('probe-0'))
  return nanoOf(heldUsd)
}
