import { eventsNano, nanoOf } from '../support/price.mjs'

function groupById(events) {
  const groups = new Map()
  for (const event of events) groups.set(event.request_id, [...(groups.get(event.request_id) ?? []), event])
  return groups
}

function isTrueOrAssumed(event, billed) {
  if (event.outcome === 'assumed') return event.cost_nano === event.held_nano && event.cost_nano >= (billed?.nano ?? 0)
  // Cut off before the provider's usage came: our own count, within the hold.
  if (event.outcome === 'estimated') return event.cost_nano > 0 && event.cost_nano <= event.held_nano
  return event.cost_nano === (billed?.nano ?? 0)
}

// Admitted, and killed before the provider was asked: nobody can know, so at most one assumed charge stands for it.
function isExcusable(events) {
  return events.length === 1 && ['assumed', 'unreachable'].includes(events[0].outcome)
}

/**
 * The promises, each with those that break it. `sent` are the client's calls, `billed` the upstream's, both by id.
 */
export function verify({ sent, billed, events, counterNano }) {
  const byId = groupById(events)
  const reached = [...billed.keys()]
  const unreached = sent.map(call => call.id).filter(id => !billed.has(id))
  const answered = sent.filter(call => call.isWhole && call.status === 200).map(call => call.id)
  const known = new Set(sent.map(call => call.id))
  const pair = [eventsNano(events), counterNano]
  return [
    ['every request reached the provider at most once', reached.filter(id => billed.get(id).times !== 1)],
    ['every request that reached the provider has an event', reached.filter(id => !byId.has(id))],
    ['no request has two events', [...byId].filter(([, of]) => of.length > 1).map(([id]) => id)],
    ['no event is of a request that nobody sent', [...byId.keys()].filter(id => !known.has(id))],
    [
      'a request that never reached the provider has no event, or one assumed',
      unreached.filter(id => byId.has(id) && !isExcusable(byId.get(id))),
    ],
    [
      'every cost is the true one, or the hold where the truth is lost',
      events.filter(event => !isTrueOrAssumed(event, billed.get(event.request_id))).map(describe),
    ],
    [
      'what a client got whole is charged at its true cost',
      answered.filter(
        id => byId.get(id)?.[0]?.cost_nano !== billed.get(id)?.nano && byId.get(id)?.[0]?.outcome !== 'assumed',
      ),
    ],
    ['the counter is the sum of the events, to the nano-dollar', pair[0] === pair[1] ? [] : [pair.join(' is not ')]],
  ]
}

function describe({ request_id, outcome, cost_nano, held_nano }) {
  return `${request_id}: ${outcome} ${cost_nano} of ${held_nano}`
}

/** The counter of a key's only budget, in nano-dollars. */
export function counterOf(key) {
  return nanoOf(key.budgets[0].current_usage)
}
