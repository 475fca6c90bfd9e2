import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMs } from '../streams/cpu.mjs'
import { billOf } from './bill.mjs'
import { keysUnder } from './cases.mjs'

const MINUTE_MS = 60_000
/** Nothing more is counted for so long: all that was begun is done. */
const QUIET_MS = 3000

async function untilQuiet(server) {
  for (let seen = ''; ; ) {
    const now = await server.peek()
    if (now === seen) return
    seen = now
    await sleep(QUIET_MS)
  }
}

// What comes later: what is confirmed is forgotten, the hour is stated, compared and rolled up.
async function growOld(server, keys) {
  for (const ms of [11 * MINUTE_MS, 120 * MINUTE_MS]) {
    await server.advance(ms)
    for (const key of keys) await server.ring('METER', `${server.tenantId}/${key.id}`)
    await untilQuiet(server)
    await server.cron()
  }
}

/** Counts all that one way of traffic causes with so many limited scopes, until nothing of it is left to be done. */
export async function measure(server, { traffic, scopes }) {
  const keys = await keysUnder(server, scopes, traffic.keys)
  // Once each before it counts: a first lease and a first snapshot are no request's everyday.
  await Promise.all(keys.map(key => traffic.ask(server, key)))
  await growOld(server, keys)
  await untilQuiet(server)
  await server.take()
  const before = cpuMs(server.pid)
  const governed = await traffic.run(server, keys)
  await untilQuiet(server)
  const cpu = cpuMs(server.pid) - before
  await growOld(server, keys)
  await untilQuiet(server)
  const counts = await server.take()
  return { scopes, governed, counts, bill: billOf({ counts, cpuMs: cpu }, governed) }
}
