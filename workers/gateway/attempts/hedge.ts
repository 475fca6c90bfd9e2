import type { AdmittedCall } from '../call.ts'
import { targetName } from './course.ts'
import { runAttempt } from './run-attempt.ts'
import type { Attempts } from './serve-attempts.ts'
import type { Tried } from './tried.ts'

/** An attempt and what came of it. */
export type Run = { admitted: AdmittedCall; outcome: Tried }

async function run(admitted: AdmittedCall, { ports, course }: Attempts): Promise<Run> {
  const mayGoOn = course.mayGoOn(admitted) || admitted.reliability.hedgeAfterMs !== null
  return { admitted, outcome: await runAttempt(admitted, ports, mayGoOn) }
}

function later(ms: number): Promise<undefined> {
  return new Promise(done => setTimeout(() => done(undefined), ms))
}

// The first that is an answer; where none is, the one that failed last.
async function best(runs: Promise<Run>[]): Promise<Run> {
  const failed: Run[] = []
  const good = runs.map(async one => {
    const done = await one
    if (done.outcome.failure) throw failed.push(done)
    return done
  })
  return Promise.any(good).catch(() => failed.at(-1) ?? Promise.race(runs))
}

// Read on for the truth of what it costs, where that comes; its hold pays for it where it does not.
function letGo(loser: Promise<Run>, { ports }: Attempts): void {
  ports.after(loser.then(({ outcome }) => outcome.drop()).catch(() => undefined))
}

// In an object, since a promise of a promise would be waited for.
async function hedgeOf(first: AdmittedCall, attempts: Attempts): Promise<{ hedge: Promise<Run> } | undefined> {
  const targets = [...first.rest.map(targetName), targetName(first.route)]
  const second = await attempts.admit({ targets, avoid: [first.route.key.id], waitMs: 0 })
  return second && { hedge: run(second, attempts) }
}

/**
 * Runs an attempt, and where the call is to be hedged and there is no answer in time, a second one beside it: elsewhere, or where
 * there is no elsewhere the same again. The first answer counts; both are held, and both are charged.
 */
export async function runHedged(first: AdmittedCall, attempts: Attempts): Promise<Run> {
  const { hedgeAfterMs } = first.reliability
  const running = run(first, attempts)
  if (hedgeAfterMs === null) return running
  const early = await Promise.race([running, later(hedgeAfterMs)])
  if (early) return early
  const beside = await hedgeOf(first, attempts)
  if (!beside) return running
  const { hedge } = beside
  const winner = await best([running, hedge])
  letGo(winner.admitted === first ? hedge : running, attempts)
  return winner
}
