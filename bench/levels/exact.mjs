// Whether three levels are exact over many keys: what the upstream billed, what D1 has, and what each counter says.
import { until } from '../../test/support/admin.mjs'
import { billedNano, eventsNano, nanoOf } from '../../test/support/price.mjs'
import { startUpstream } from '../../test/support/upstream.mjs'
import { startWeir } from '../../test/support/weir-server.mjs'
import { fractionOf, overConnections, post } from './load.mjs'
import { makeOrganisation } from './organisation.mjs'

const FEATURE = 'levels-exact'
const PROMPT_TOKENS = 10
/** The longest answers asked for, in tokens: 10 to 73. What comes is between nothing and that. */
const MAX_TOKENS = n => 10 + (n % 64)
const MEAN_COST_NANO = PROMPT_TOKENS * 150 + (41.5 / 2) * 600

function bodyOf(n, seed) {
  const max_tokens = MAX_TOKENS(Math.floor(fractionOf(n, seed) * 64))
  const output_tokens = Math.round(max_tokens * fractionOf(n, seed + 1))
  return JSON.stringify({
    model: 'openai/gpt-4o-mini',
    max_tokens,
    metadata: { call: `levels-${n}` },
    messages: [{ role: 'user', content: 'levels' }],
    x_upstream: { prompt_tokens: PROMPT_TOKENS, output_tokens, delay_ms: 5 },
  })
}

async function sendAll(weir, keys, { requests, connections, seed }) {
  const url = `${weir.baseUrl}/v1/chat/completions`
  const answers = []
  const work = async (n, agent) => {
    const authorization = `Bearer ${keys[n % keys.length].value}`
    const headers = { authorization, 'x-feature': FEATURE, 'x-request-id': `levels-${n}` }
    answers[n] = await post(url, { agent, headers, body: bodyOf(n, seed) })
  }
  const { seconds } = await overConnections(connections, { goesOn: n => n < requests, work })
  return { answers, seconds }
}

// A tenth of the customer's for the first team and a hundredth for the first key, so that each level refuses; the others
// are wide enough for the customer to be the first that is spent.
async function openOrganisation(weir, { requests, keys }) {
  const customerUsd = Math.round((requests / 2) * MEAN_COST_NANO) / 1e9
  const teamsUsd = [0.1, 0.5, 0.5, 0.5].map(share => Number((customerUsd * share).toFixed(9)))
  const keyUsd = n => Number((customerUsd * (n === 0 ? 0.01 : 0.3)).toFixed(9))
  return makeOrganisation(weir.admin, { customerUsd, teamsUsd, keys, keyUsd })
}

/** Every limit of the organisation, with its maximum and what its counter says, in nano-dollars. */
async function readLimits(weir, { customer, teams, keys }) {
  const read = async (path, member) => {
    const found = (await weir.admin.call('GET', `/api/governance/${path}`))[member]
    const [budget] = found.budgets
    return { id: budget.id, maxNano: nanoOf(budget.max_limit), usedNano: nanoOf(budget.current_usage) }
  }
  return {
    customer: [await read(`customers/${customer.id}`, 'customer')],
    team: await Promise.all(teams.map(team => read(`teams/${team.id}`, 'team'))),
    key: await Promise.all(keys.map(key => read(`virtual-keys/${key.id}`, 'virtual_key'))),
  }
}

function compareCalls(calls, events) {
  const booked = new Map()
  for (const event of events) booked.set(event.request_id, (booked.get(event.request_id) ?? 0) + event.cost_nano)
  let lostNano = 0
  let phantomNano = eventsNano(events)
  for (const call of calls) {
    const trueNano = billedNano([call])
    const bookedNano = booked.get(call.name) ?? 0
    lostNano += Math.max(0, trueNano - bookedNano)
    phantomNano -= Math.min(trueNano, bookedNano)
  }
  return { lostNano, phantomNano }
}

// A limit that refused has less left, now that nothing is held, than the least that it refused; and each refusal by itself
// says that more was needed than remained.
function falseRefusalsOf(refusals, limits) {
  const contradicted = refusals.filter(({ details }) => details.needed <= details.remaining)
  const left = limits.filter(({ id, maxNano, usedNano }) => {
    const needs = refusals.filter(({ details }) => details.limit_id === id).map(({ details }) => details.needed)
    return Math.min(...needs) <= maxNano - usedNano
  })
  return contradicted.length + left.length
}

function figuresOf({ calls, events, answers, limits }) {
  const refusals = answers.filter(({ status }) => status === 429).map(({ text }) => JSON.parse(text).error)
  const admitted = answers.filter(({ status }) => status === 200).length
  const all = Object.values(limits).flat()
  const byLevel = Object.entries(limits).map(([level, list]) => {
    const ids = new Set(list.map(({ id }) => id))
    return [level, refusals.filter(({ details }) => ids.has(details.limit_id)).length]
  })
  const counterNano = list => list.reduce((sum, { usedNano }) => sum + usedNano, 0)
  return {
    admitted,
    refused: refusals.length,
    other: answers.length - admitted - refusals.length,
    refusedBy: Object.fromEntries(byLevel),
    billedNano: billedNano(calls),
    bookedNano: eventsNano(events),
    counterNano: Object.fromEntries(Object.entries(limits).map(([level, list]) => [level, counterNano(list)])),
    ...compareCalls(calls, events),
    overspendNano: all.reduce((sum, { maxNano, usedNano }) => sum + Math.max(0, usedNano - maxNano), 0),
    falseRefusals: falseRefusalsOf(refusals, all),
    customerLeftNano: limits.customer[0].maxNano - limits.customer[0].usedNano,
  }
}

function brokenOf(figures) {
  const { billedNano: billed, bookedNano, counterNano, refusedBy } = figures
  const wrong = ['other', 'lostNano', 'phantomNano', 'overspendNano', 'falseRefusals'].filter(
    name => figures[name] !== 0,
  )
  const unequal = [bookedNano, ...Object.values(counterNano)].some(nano => nano !== billed)
  const idle = Object.entries(refusedBy).filter(([, count]) => count === 0)
  return [
    ...wrong.map(name => `${name} is ${figures[name]}`),
    ...(unequal ? ['bill, events and counters differ'] : []),
    ...idle.map(([level]) => `no ${level} ever refused: nothing was shown of it`),
  ]
}

/** Runs the load, waits for its events, and does the sums. `broken` says what is not as it should be. */
export async function measureExact({ requests, connections, keys, seed }) {
  const upstream = await startUpstream()
  const weir = await startWeir({ upstreamUrl: upstream.baseUrl })
  try {
    const organisation = await openOrganisation(weir, { requests, keys })
    const { answers, seconds } = await sendAll(weir, organisation.keys, { requests, connections, seed })
    const isAll = list => list.length >= answers.filter(({ status }) => status === 200).length
    const events = await until(() => weir.admin.listEvents({ feature: FEATURE }), isAll, 60_000)
    const limits = await readLimits(weir, organisation)
    const figures = figuresOf({ calls: upstream.calls, events, answers, limits })
    return { setting: { requests, connections, keys, seed }, seconds, ...figures, broken: brokenOf(figures) }
  } finally {
    await weir.dispose()
    await upstream.stop()
  }
}
