// Rounds in which each case has its turn, in an order that is drawn: what the machine does meanwhile meets them all.
import { setTimeout as sleep } from 'node:timers/promises'
import { TRAFFIC } from '../cost/traffic.mjs'
import { untilQuiet } from '../gateways/machine-load.mjs'
import { familyRss } from '../gateways/processes.mjs'
import { overConnections } from '../levels/load.mjs'
import { cpuMs } from '../streams/cpu.mjs'
import { median } from '../streams/quantile.mjs'

/** Nothing more is counted for so long: all that was begun is done. */
const STILL_MS = 2000

async function untilStill(server) {
  for (let seen = ''; ; await sleep(STILL_MS)) {
    const now = await server.peek()
    if (now === seen) return
    seen = now
  }
}

/** So many requests on one connection, each with the next key. Answers what each took, in milliseconds. */
async function sendOver({ server, keys, sent }, requests) {
  const tookMs = []
  const work = async (n, agent) => {
    const started = performance.now()
    await TRAFFIC.busy.ask(server, keys[(sent + n) % keys.length], agent)
    tookMs.push(performance.now() - started)
  }
  await overConnections(1, { goesOn: n => n < requests, work })
  return tookMs
}

const each = (counts, requests) =>
  Object.fromEntries(
    Object.entries(counts).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value / requests]] : [])),
  )

/** One turn of one case. Timings are kept where the machine did nothing else, or where that does not matter. */
export async function runRound(one, { requests, force }) {
  const { server } = one
  await untilStill(server)
  const busy = await untilQuiet({ force: true })
  await server.take()
  const before = cpuMs(server.pid)
  const tookMs = await sendOver(one, requests)
  await untilStill(server)
  const cpu = (cpuMs(server.pid) - before) / requests
  one.sent += requests
  const timings = busy > 0 && !force ? {} : { cpuMs: cpu, p50Ms: median(tookMs) }
  return { counts: each(await server.take(), requests), rssBytes: familyRss(server.pid), ...timings, busy }
}
