import type { AdmittedCall } from '../call.ts'
import { Attempt } from './attempt.ts'
import { runAttempt } from './run-attempt.ts'
import type { Attempts } from './serve-attempts.ts'
import type { Tried } from './tried.ts'
import { waitFor } from './wait-for.ts'

/** An attempt and what came of it. */
export type Run = { admitted: AdmittedCall; outcome: Tried }

type Running = { attempt: Attempt; done: Promise<Run> }

function start(admitted: AdmittedCall, { ports, course }: Attempts): Running {
  const mayGoOn = course.mayGoOn(admitted) || admitted.reliability.hedgeAfterMs !== null
  course.begin(admitted)
  const attempt = new Attempt(admitted, ports)
  return { attempt, done: runAttempt(attempt, mayGoOn).then(outcome => ({ admitted, outcome })) }
}

// What it brought in so many milliseconds, or nothing. The wait ends with it: a timer would outlive the call.
async function within(ms: number, { done }: Running): Promise<Run | undefined> {
  const over = new AbortController()
  const late = waitFor(ms, over.signal).then(() => undefined)
  return Promise.race([done, late]).finally(() => over.abort())
}

// The first that is an answer; where none is, the one that failed last.
async function best(runs: Running[]): Promise<Run> {
  const failed: Run[] = []
  const good = runs.map(async ({ done }) => {
    const run = await done
    if (run.outcome.failure) throw failed.push(run)
    return run
  })
  return Promise.any(good).catch(() => failed.at(-1) ?? Promise.race(runs.map(({ done }) => done)))
}

// Read on for the truth of what it costs, where that comes in time; its hold pays for it where it does not.
function letGo({ attempt, done }: Running, { ports }: Attempts): void {
  attempt.leave(ports.settings.loserMs)
  ports.after(done.then(({ outcome }) => outcome.drop()).catch(() => undefined))
}

// An answer may have come while the hedge was being held: then it is not sent.
async function hedgeOf(first: Running, attempts: Attempts): Promise<Running | undefined> {
  const second = await attempts.admit(attempts.course.beside(first.attempt.admitted))
  if (!second) return undefined
  if (!(await Promise.race([first.done, undefined]))) return start(second, attempts)
  attempts.ports.after(second.meter.release(second.attempt))
  return undefined
}

/**
 * Runs an attempt, and where the call is to be hedged and there is no answer in time, a second one beside it: elsewhere, or where
 * there is no elsewhere the same again. The first answer counts; both are held, and both are charged.
 */
export async function runHedged(admitted: AdmittedCall, attempts: Attempts): Promise<Run> {
  const { hedgeAfterMs } = admitted.reliability
  const first = start(admitted, attempts)
  if (hedgeAfterMs === null || (await within(hedgeAfterMs, first))) return first.done
  const second = await hedgeOf(first, attempts)
  if (!second) return first.done
  const winner = await best([first, second])
  letGo(winner.admitted === admitted ? second : first, attempts)
  return winner
}
