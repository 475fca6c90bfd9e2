import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { accountOf, emptyOwner, grant, learn, type OwnerState } from '../../workers/core/quota/owner.ts'
import { ask, emptyQueue } from '../../workers/core/quota/owner-turn.ts'
import { World } from './world.ts'

const AT = { limitId: '01a00000-0000-7000-8000-000000000000', startMs: 0, endMs: 8.64e15 }
const START_MS = Date.UTC(2026, 0, 1)
const ASKS = 20_000
const LIMIT = {
  id: AT.limitId,
  scope: 'customer:c',
  unit: 'nano_usd',
  max: 1e15,
  window: { duration: '1Y', isAligned: true, anchorMs: 0 },
} as const

// As meters are really named: a tenant's and a key's UUID.
function nameOf(n: number): string {
  return `01a00000-0000-7000-8000-000000000000/${n.toString(16).padStart(8, '0')}-0000-7000-8000-000000000000`
}

function ownerOf(meters: number): OwnerState {
  const state = emptyOwner()
  const report = { ...AT, returned: 0, overrun: 0, spent: 0, revision: 1 }
  for (let n = 0; n < meters; n++) {
    learn(state, report, { meter: nameOf(n), nowMs: START_MS })
    grant(accountOf(state, AT), nameOf(n), 100)
  }
  return state
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

function heapAfterGc(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

function msPerAsk(state: OwnerState, meters: number): number {
  const desk = { state, limits: [LIMIT], queue: emptyQueue() }
  const started = performance.now()
  for (let n = 0; n < ASKS; n++) {
    const one = { ...AT, returned: 0, overrun: 0, spent: 1, revision: 2, target: 110, need: 10, demandPerSecond: 1 }
    // A thousand a second: the active meters are counted anew once in so many.
    const request = { meter: nameOf((n * 7) % meters), nowMs: START_MS + n, asks: [one] }
    ask(desk, { request, reply: () => undefined })
  }
  return (performance.now() - started) / ASKS
}

/** What an owner of so many meters' accounts takes of memory, and of real time for one ask. */
export function measureOwner(meters: number) {
  const before = heapAfterGc()
  const state = ownerOf(meters)
  const bytes = heapAfterGc() - before
  return { meters, bytesPerAccount: bytes / meters, megabytes: bytes / 2 ** 20, msPerAsk: msPerAsk(state, meters) }
}

/** One refusal while every one of `meters` meters holds lease that it may not need. */
export function measureFanOut(meters: number, regions: number) {
  const shape = { keys: meters, regions, demand: 'uniform', perSecond: 1, minutes: 60, seed: 1 } as const
  const world = new World(shape)
  world.prefill(Math.floor(world.max / (2 * meters)))
  const started = performance.now()
  const fate = world.sendOne(2 * world.max)
  const { recalls } = world.owner
  return { meters, admission: fate?.admission, recalls, simulatedMs: fate?.waitMs, realMs: performance.now() - started }
}
