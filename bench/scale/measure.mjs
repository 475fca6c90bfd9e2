import { startCounted } from '../cost/start-counted.mjs'
import { figureOf } from '../gateways/statistics.mjs'
import { runRound } from './rounds.mjs'

/** What is counted of a governed request. */
export const COUNTED = [
  'objectCalls',
  'objectRowsWritten',
  'objectRowsRead',
  'd1RowsWritten',
  'd1RowsRead',
  'queueMessages',
  'alarmsSet',
]

async function open(axis, value, { upstreamUrl, ...setting }) {
  const server = await startCounted(upstreamUrl)
  const keys = await axis.prepare(server, value)
  const one = { value, server, keys, sent: 0 }
  // A first lease and a first snapshot are no request's everyday.
  await runRound(one, { ...setting, requests: Math.min(keys.length, setting.requests) })
  return { ...one, sent: 0 }
}

const shuffled = list =>
  list
    .map(one => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)

function figuresOf(rounds) {
  const of = pick => figureOf(rounds.map(round => pick(round) ?? Number.NaN))
  return {
    counts: Object.fromEntries(COUNTED.map(name => [name, of(({ counts }) => counts[name])])),
    cpuMs: of(round => round.cpuMs),
    p50Ms: of(round => round.p50Ms),
    rssBytes: of(round => round.rssBytes),
  }
}

/** All cases of an axis, each in a Worker of its own, in rounds. */
export async function measureAxis(axis, { cases, rounds, ...setting }) {
  const opened = []
  try {
    for (const value of cases) opened.push(await open(axis, value, setting))
    const runs = new Map(opened.map(one => [one.value, []]))
    for (let round = 0; round < rounds; round++) {
      for (const one of shuffled(opened)) runs.get(one.value).push(await runRound(one, setting))
    }
    return [...runs].map(([value, done]) => ({ value, rounds: done, figures: figuresOf(done) }))
  } finally {
    for (const { server } of opened) await server.stop()
  }
}
