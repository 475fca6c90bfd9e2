import { eventsNano } from '../support/price.mjs'

function groupBy(events, keyOf) {
  const groups = new Map()
  for (const event of events) groups.set(keyOf(event), [...(groups.get(keyOf(event)) ?? []), event])
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

const describe = ({ request_id, outcome, cost_nano, held_nano }) =>
  `${request_id}: ${outcome} ${cost_nano} of ${held_nano}`
const passes = ({ counterNano, maxNano }) => counterNano > maxNano

function ofRequests({ sent, billed, events }) {
  const byId = groupBy(events, event => event.request_id)
  const byAttempt = groupBy(events, event => `${event.request_id}/${event.attempt}`)
  const reached = [...billed.keys()]
  const unreached = sent.map(call => call.id).filter(id => !billed.has(id))
  const answered = sent.filter(call => call.isWhole && call.status === 200).map(call => call.id)
  const known = new Set(sent.map(call => call.id))
  return [
    ['every request reached the provider at most once', reached.filter(id => billed.get(id).times !== 1)],
    [
      'every request that reached the provider has an event for each attempt',
      reached.filter(id => (byId.get(id)?.length ?? 0) < billed.get(id).times),
    ],
    ['no attempt has two events', [...byAttempt].filter(([, of]) => of.length > 1).map(([id]) => id)],
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
  ]
}

function ofCounters({ keys, team, events }) {
  const wrong = keys.filter(key => key.counterNano !== eventsNano(key.events))
  const known = keys.reduce((sum, key) => sum + key.events.length, 0)
  const spent = keys.reduce((sum, key) => sum + key.counterNano, 0)
  return [
    [
      "every key's counter is the sum of its events, to the nano-dollar",
      [
        ...wrong.map(key => `${key.id}: ${key.counterNano} is not ${eventsNano(key.events)}`),
        ...(known === events.length ? [] : [`${events.length - known} events are of none of the keys`]),
      ],
    ],
    [
      "the team's counter is the sum of its keys'",
      team.counterNano === spent ? [] : [`${team.counterNano} is not ${spent}`],
    ],
    [
      'no limit is passed',
      [team, ...keys].filter(passes).map(({ counterNano, maxNano }) => `${counterNano} of ${maxNano}`),
    ],
  ]
}

/**
 * The promises, each with those that break it. `sent` are the client's calls; `billed` the upstream's, by id; `events`, `keys`
 * (each with its own events) and `team` are Weir's books; `rest` is what was wrong with the requests for what is left;
 * `isTight` where requests may be refused because they do not fit.
 */
export function verify({ sent, billed, isTight, rest, ...books }) {
  const refused = isTight ? [] : sent.filter(call => call.status === 429).map(call => call.id)
  return [
    ...ofRequests({ sent, billed, events: books.events }),
    ...ofCounters(books),
    ['nobody is refused what fits', refused],
    ['nothing is lost in a hold or lease: what fits the rest passes, and what does not is refused', rest],
  ]
}

/** Whether every promise is kept. */
export function isKept(results) {
  return results.every(([, broken]) => broken.length === 0)
}
