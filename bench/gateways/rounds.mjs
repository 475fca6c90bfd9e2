// Rounds in which every subject has its turn, in an order that is drawn: what the machine does meanwhile meets them all.
import { setTimeout as sleep } from 'node:timers/promises'
import { roundsOf } from './cells.mjs'
import { bodyOf } from './load/order.mjs'
import { untilQuiet } from './machine-load.mjs'
import { familyCpuMs } from './processes.mjs'

/** The least time that a subject has for what it does after its answers, before the next is asked. */
const REST_MS = 200

function shuffled(list) {
  const drawn = list.map(one => ({ one, at: Math.random() }))
  return drawn.sort((a, b) => a.at - b.at).map(({ one }) => one)
}

async function runOne({ id, running }, cell, { load, seconds, force }) {
  const { url, headers, model, pid, restMs = REST_MS } = running
  const before = familyCpuMs(pid)
  const { connections, isStream, delayMs } = cell
  const body = bodyOf({ ...cell, subject: id, model })
  const figures = await load.run({ url, headers, body, connections, seconds, isStream, delayMs })
  await sleep(restMs)
  const busy = await untilQuiet({ force })
  return { ...figures, busy, cpuMs: (familyCpuMs(pid) - before) / figures.asked }
}

/** Runs all rounds of a cell. Answers the figures of each subject, a list by round. */
export async function runCell(subjects, cell, { rounds, ...setting }) {
  const runs = Object.fromEntries(subjects.map(({ id }) => [id, []]))
  for (let round = 0; round < roundsOf(cell, rounds); round++) {
    for (const subject of shuffled(subjects)) runs[subject.id].push(await runOne(subject, cell, setting))
  }
  return runs
}

const WARM = [
  { connections: 32, isStream: false, delayMs: 0, bytes: 200, seconds: 2 },
  { connections: 32, isStream: true, delayMs: 0, bytes: 200, seconds: 1 },
]

/** Each once before it counts: what is compiled or opened the first time is nobody's overhead. */
export async function warmUp(subjects, setting) {
  for (const cell of WARM) for (const subject of subjects) await runOne(subject, cell, { ...setting, ...cell })
}
