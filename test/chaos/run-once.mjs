// One run: a team of its own, a load, a blow at a chosen instant, and the sums.
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../support/admin.mjs'
import { pickKill } from './kill.mjs'
import { billedById, drawCall, randomFrom, sendCall } from './load.mjs'
import { askForTheRest, openTeam, readBooks } from './team.mjs'
import { isKept, verify } from './verify.mjs'

/** How long a hold lasts in these runs: what a kill orphans is assumed so soon. */
export const HOLD_MS = 2000
// Counters are read only when all events are there, so what is still missing then is but the last message on its way.
const BOOKS_WITHIN_MS = 10_000

// All that is random in a run is drawn before it begins, so that a seed repeats it whatever the machine's timing.
function drawRun({ keys, waves, load }, name, seed) {
  const random = randomFrom(seed)
  const drawn = waves.map((count, wave) =>
    Array.from({ length: count }, (_, n) => ({ key: n % keys, ...drawCall(`${name}-${wave}-${n}`, random, load) })),
  )
  return { waves: drawn, aim: [random(), random(), random(), random()], how: random(), share: random() }
}

async function strike({ weir, upstream }, kind, { team, drawn }) {
  const reached = () => upstream.calls.filter(call => call.name.startsWith(`${team.feature}-`))
  const sendOne = call => {
    const virtualKey = team.keys[call.key].value
    return sendCall({ baseUrl: weir.baseUrl, virtualKey, feature: team.feature }, call)
  }
  const send = wave => Promise.all(drawn.waves[wave].map(sendOne))
  const { how, kill } = pickKill(weir, drawn.how)
  const sent = await kind.strike({ weir, send, kill, reached, aim: drawn.aim })
  return { how: kind.how ?? how, sent, billed: billedById(reached()) }
}

// Until then nothing but its own alarm wakes a meter: events must come without anybody's asking.
async function untilListed({ admin }, team, { billed, waitMs }) {
  const list = () => admin.listEvents({ feature: team.feature })
  const isThere = events => [...billed.keys()].every(id => events.some(event => event.request_id === id))
  const started = Date.now()
  await until(list, isThere, waitMs).catch(() => undefined)
  return Date.now() - started
}

async function settledBooks(weir, team, struck) {
  await sleep(HOLD_MS)
  const balance = books => isKept(verify({ ...struck, ...books, rest: [] }))
  await until(() => readBooks(weir, team), balance, BOOKS_WITHIN_MS).catch(() => undefined)
  return readBooks(weir, team)
}

/** Strikes once. Answers how it went and, for every promise, what breaks it. `place` is the server and its upstream. */
export async function runOnce(place, kind, { name, seed, waitMs }) {
  const { weir } = place
  const drawn = drawRun(kind, name, seed)
  const team = await openTeam(weir, { ...kind, name })
  const struck = { isTight: kind.isTight === true, ...(await strike(place, kind, { team, drawn })) }
  const listedMs = await untilListed(weir, team, { ...struck, waitMs })
  const books = await settledBooks(weir, team, struck)
  const rest = await askForTheRest(weir, team, { books, share: drawn.share })
  return { ...struck, ...books, listedMs, results: verify({ ...struck, ...books, rest }) }
}
