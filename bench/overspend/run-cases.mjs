import { Bench } from './bench.mjs'
import { SCENARIOS } from './scenarios/index.mjs'

/** What a subject must be able to do for a case that `needs` it. */
const NEEDS = {
  restart: [subject => subject.restart, 'needs a gateway that we start ourselves'],
  windows: [subject => subject.windowStart, 'needs keys with a window of 5 s'],
  kinds: [subject => subject.kinds, 'needs an adapter that can make keys of other kinds'],
  setLimit: [subject => subject.setLimit, 'needs an adapter that can change a budget'],
}

function whySkipped(subject, one) {
  const [can, why] = NEEDS[one.needs] ?? [() => true]
  if (!can(subject)) return why
  return subject.keysLeft() > 0 ? undefined : 'no fresh key is left: pass one more --key'
}

/** Where the provider tells what it bills, nothing may be overspent or lost; elsewhere, a guess must say that it is one. */
function brokenPromises({ isUntold, figures }) {
  const {
    overspend,
    lost = 0,
    lostAsExactNano = 0,
    phantom = 0,
    falseRefusals = 0,
    heldAfterNano = 0,
    bookedNano,
  } = figures
  const counters = [figures.counterNano, figures.sharedCounterNano]
  const broken = {
    overspend: !isUntold && overspend > 0,
    lost: !isUntold && lost > 0,
    'lost, and booked as exact': lostAsExactNano > 0,
    phantom: phantom > 0,
    'false refusals': falseRefusals > 0,
    'held for ever': heldAfterNano > 0,
    'counter and events differ': counters.some(nano => nano !== undefined && nano !== bookedNano),
  }
  return Object.keys(broken).filter(name => broken[name])
}

async function runCase(bench, one) {
  const skipped = whySkipped(bench.subject, one)
  if (skipped) return { skipped }
  const startedAt = performance.now()
  bench.isUntold = one.isUntold ?? false
  const figures = await one.run(bench)
  return { figures, seconds: (performance.now() - startedAt) / 1000 }
}

/**
 * Runs the cases of the scenarios whose numbers are in `only` (all, if not given), one after the other; without those in
 * which the provider does not tell what it bills, where `isToldOnly`. `onResult` hears of each as it ends.
 */
export async function runCases({ only, isToldOnly = false, onResult = () => {}, ...setting }) {
  const bench = new Bench(setting)
  const results = []
  for (const scenario of SCENARIOS.filter(({ number }) => !only || only.includes(number))) {
    for (const one of scenario.cases(setting.subject).filter(({ isUntold }) => !(isToldOnly && isUntold))) {
      const { number, title } = scenario
      const ran = await runCase(bench, one)
      const result = { number, title, name: one.name, isUntold: one.isUntold ?? false, ...ran }
      results.push({ ...result, broken: ran.figures ? brokenPromises(result) : [] })
      onResult(results.at(-1))
    }
  }
  return results
}
