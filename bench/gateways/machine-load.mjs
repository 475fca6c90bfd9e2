import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** The share of the machine's processors that may be at work before a load: more is somebody else's. */
export const BUSY_SHARE = 0.1
const SAMPLE_MS = 150
const WITHIN_MS = 6000

function timesNow() {
  const all = cpus().map(({ times }) => ({ ...times, all: Object.values(times).reduce((sum, one) => sum + one, 0) }))
  return all.reduce(({ idle, all }, one) => ({ idle: idle + one.idle, all: all + one.all }), { idle: 0, all: 0 })
}

/** The share of all processors that is busy over the next moment. */
export async function busyShare(sampleMs = SAMPLE_MS) {
  const before = timesNow()
  await sleep(sampleMs)
  const after = timesNow()
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all)
}

/** Says that the machine does other work, so that figures would be of that. */
export class MachineIsLoaded extends Error {
  constructor(busy) {
    super(`${Math.round(busy * 100)} % of the machine is busy with something else: stop it, or measure with --force`)
  }
}

/** Waits until nothing is at work: what a subject has still to store of one load shall not be counted to the next. */
export async function untilQuiet({ force, withinMs = WITHIN_MS }) {
  const deadline = performance.now() + (force ? 0 : withinMs)
  for (let busy = await busyShare(); busy > BUSY_SHARE; busy = await busyShare()) {
    if (performance.now() < deadline) continue
    if (force) return busy
    throw new MachineIsLoaded(busy)
  }
  return 0
}
