// `npm run sim -- --runs N --seed S [--steps 200] [--bug NAME]`: random histories, each from its own seed, until one breaks a
// promise; then the shortest history of that seed that still breaks one, with its trace.
import { parseArgs } from 'node:util'
import { BUGS, type Bug, Violation } from './bugs.ts'
import { type History, runHistory, World } from './world.ts'

function violationOf(history: History): string | undefined {
  try {
    runHistory(history)
    return undefined
  } catch (thrown) {
    if (thrown instanceof Violation) return thrown.message
    throw thrown
  }
}

/** Fewer steps of the same seed, as long as a promise is still broken. */
export function shrink(history: History): History {
  let shortest = history
  for (let steps = history.steps; steps >= 1; steps = Math.floor(steps * 0.8)) {
    if (violationOf({ ...history, steps })) shortest = { ...history, steps }
  }
  return shortest
}

/** Runs histories until one breaks a promise; answers how many were run, and the broken one. */
export function search(from: History, runs: number): { runs: number; broken?: History } {
  for (let i = 0; i < runs; i++) {
    const history = { ...from, seed: from.seed + i }
    if (violationOf(history)) return { runs: i + 1, broken: history }
  }
  return { runs }
}

function traceOf(history: History): string[] {
  const world = new World(history)
  try {
    for (let step = 0; step < history.steps; step++) {
      if (world.random.chance(0.35)) world.act()
      else world.network.step()
      world.checkStep()
    }
    world.drain()
  } catch {}
  return world.trace
}

function main(): number {
  const { values } = parseArgs({
    options: { runs: { type: 'string' }, seed: { type: 'string' }, steps: { type: 'string' }, bug: { type: 'string' } },
  })
  const bugs = values.bug === 'all' ? [...BUGS] : values.bug ? [values.bug as Bug] : []
  const from = { seed: Number(values.seed ?? 1), steps: Number(values.steps ?? 200), bugs }
  const started = performance.now()
  const { runs, broken } = search(from, Number(values.runs ?? 1000))
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  if (!broken) {
    console.log(
      `${runs} histories of ${from.steps} steps and more, seeds ${from.seed} to ${from.seed + runs - 1}: no promise broken (${seconds} s)`,
    )
    return 0
  }
  const short = shrink(broken)
  console.log(`seed ${broken.seed} broke a promise, the ${runs}th history (${seconds} s): ${violationOf(short)}`)
  console.log(traceOf(short).join('\n'))
  return 1
}

if (process.argv[1]?.endsWith('sim/run.ts')) process.exit(main())
