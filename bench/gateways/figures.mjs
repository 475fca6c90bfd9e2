// From the rounds of a run to what its tables say. Pure: the page is made of the JSON alone.
import { figureOf } from './statistics.mjs'

const PICKS = {
  p50: run => run.whole.p50,
  p95: run => run.whole.p95,
  p99: run => run.whole.p99,
  first50: run => run.first?.p50,
  first95: run => run.first?.p95,
}

// Of one round: nothing else was different.
const paired = (runs = [], others, join) => runs.map((run, n) => (others?.[n] ? join(run, others[n]) : Number.NaN))

/** The figures of one subject in one cell; what is added is beside the provider itself, in the same round. */
export function figuresOf(rounds, id) {
  const runs = rounds[id]
  const addedOf = (pick, of) => paired(of, rounds.upstream, (run, direct) => pick(run) - pick(direct))
  const added = pick => figureOf(addedOf(pick, runs))
  const beside = other => figureOf(paired(runs, rounds[other], (run, one) => run.rps / one.rps))
  // What is added, in what the bare proxy adds in the same round.
  const inBare = pick => figureOf(paired(addedOf(pick, runs), addedOf(pick, rounds.bare), (own, bare) => own / bare))
  return {
    rps: figureOf(runs.map(run => run.rps)),
    ofBare: beside('bare'),
    ofPortkey: beside('portkey'),
    added: Object.fromEntries(Object.entries(PICKS).map(([name, pick]) => [name, added(pick)])),
    cpuMs: figureOf(runs.map(run => run.cpuMs)),
    inBare: {
      ...Object.fromEntries(Object.entries(PICKS).map(([name, pick]) => [name, inBare(pick)])),
      cpuMs: figureOf(paired(runs, rounds.bare, (run, bare) => (run.cpuMs ?? Number.NaN) / bare.cpuMs)),
    },
    failed: runs.reduce((sum, run) => sum + run.failed, 0),
  }
}

/** What a run says of its cells: by cell, and in it by subject. */
export function tablesOf({ cells }) {
  return Object.fromEntries(
    cells.map(({ id, rounds }) => [
      id,
      Object.fromEntries(Object.keys(rounds).map(subject => [subject, figuresOf(rounds, subject)])),
    ]),
  )
}

const isKnown = value => value !== undefined

/** The worst of a subject's cases in the overspend program; `undefined` where there are none, or its books are not read. */
export function moneyOf(cases = []) {
  const figures = cases.map(one => one.figures).filter(isKnown)
  const worst = name => {
    const values = figures.map(one => one[name]).filter(isKnown)
    return values.length > 0 ? Math.max(...values) : undefined
  }
  return { cases: figures.length, overspend: worst('overspend'), lost: worst('lost'), phantom: worst('phantom') }
}
