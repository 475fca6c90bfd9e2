// Rounds in which every subject has its turn, in an order that is drawn: what the machine does meanwhile meets them all.
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMs } from './cpu.mjs'
import { median } from './quantile.mjs'

/** What a server still has to settle and to store of one load shall not be counted to the next. */
const REST_MS = 1500

function shuffled(names) {
  const drawn = names.map(name => ({ name, at: Math.random() }))
  return drawn.sort((a, b) => a.at - b.at).map(({ name }) => name)
}

// What it computes for a load it does not all do while the load lasts.
async function runOne(subject, { load, streams, seconds }) {
  const before = cpuMs(subject.pid)
  const run = await load.run({ subject, streams, seconds })
  await sleep(REST_MS)
  return { ...run, cpuMs: (cpuMs(subject.pid) - before) / run.asked }
}

/** Runs `rounds` of all subjects at one width. Answers the figures of each, a list by round. */
export async function runRounds(subjects, { load, streams, seconds, rounds }) {
  const names = Object.keys(subjects)
  const runs = Object.fromEntries(names.map(name => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const name of shuffled(names)) {
      runs[name].push(await runOne(subjects[name], { load, streams, seconds }))
    }
  }
  return runs
}

const PICKS = {
  rps: run => run.rps,
  first50: run => run.first.p50,
  first95: run => run.first.p95,
  delay50: run => run.delay.p50,
  delay95: run => run.delay.p95,
  cpuMs: run => run.cpuMs,
}

function figuresBeside(runs, bare) {
  const absolute = Object.entries(PICKS).map(([name, pick]) => [name, median(runs.map(pick))])
  const added = Object.entries(PICKS).map(([name, pick]) => [
    name,
    median(runs.map((run, n) => pick(run) - pick(bare[n]))),
  ])
  const ratios = runs.map((run, n) => run.rps / bare[n].rps)
  return {
    ...Object.fromEntries(absolute),
    added: Object.fromEntries(added),
    ratio: median(ratios),
    ratios,
    streams: runs.reduce((sum, run) => sum + run.streams, 0),
  }
}

/** Medians over rounds: of each subject's own figures, and of what sets it apart from the bare proxy in the same round. */
export function compare(runs) {
  return Object.fromEntries(Object.entries(runs).map(([name, list]) => [name, figuresBeside(list, runs.bare)]))
}
