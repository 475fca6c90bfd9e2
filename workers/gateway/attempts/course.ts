import type { Reliability } from '../../core/snapshot.ts'
import type { AdmittedCall } from '../call.ts'
import type { Route } from '../routing/route-to.ts'
import { type Failure, type Remedy, remedyOf } from './failure.ts'

/** Waits between tries of the same, milliseconds: doubled each time, and of that a random part (AWS, "Exponential backoff and jitter"). */
const FIRST_WAIT_MS = 250
const MAX_WAIT_MS = 8_000
/** A provider that asks for more patience than this is not waited for. */
const MAX_ASKED_MS = 20_000
/** No attempt begins later than this after the first, where nothing else is said: a client would have gone. */
const DEADLINE_MS = 60_000

/** The next attempt: where it may go, best first, as `provider/model`; with which keys rather not; and after which wait. */
export type NextStep = { targets: string[]; avoid: string[]; waitMs: number }

/** Of what a course is made. `mayRetry` takes from the budget of retries. */
export type CourseRule = {
  reliability: Reliability
  startMs: number
  random(): number
  mayRetry(provider: string): boolean
}

/** A route by the names that lead to it again. */
export function targetName({ provider, model }: Pick<Route, 'provider' | 'model'>): string {
  return `${provider.name}/${model}`
}

/** The way of one call from attempt to attempt: which comes next, or none. */
export class Course {
  readonly #rule: CourseRule
  readonly #retries = new Map<string, number>()
  readonly #failedKeys: string[] = []

  constructor(rule: CourseRule) {
    this.#rule = rule
  }

  /** Whether anything could follow a failure of this attempt. */
  mayGoOn({ route, rest }: AdmittedCall): boolean {
    return rest.length > 0 || this.#retriesLeft(route) > 0 || this.#hasOtherKey(route)
  }

  /** What is to be done after an attempt failed; `undefined`: nothing more. */
  next({ route, rest }: AdmittedCall, failure: Failure, nowMs: number): NextStep | undefined {
    if (nowMs - this.#rule.startMs >= (this.#rule.reliability.deadlineMs ?? DEADLINE_MS)) return undefined
    const remedy = remedyOf(failure)
    return (
      this.#otherKey(route, rest, remedy) ??
      this.#again(route, rest, { remedy, failure, nowMs }) ??
      this.#other(rest, remedy)
    )
  }

  #otherKey(route: Route, rest: Route[], remedy: Remedy): NextStep | undefined {
    if (!remedy.otherKey) return undefined
    this.#failedKeys.push(route.key.id)
    return this.#hasOtherKey(route) ? this.#step([route, ...rest], 0) : undefined
  }

  #hasOtherKey({ provider, key }: Route): boolean {
    return provider.keys.some(({ id }) => id !== key.id && !this.#failedKeys.includes(id))
  }

  #again(route: Route, rest: Route[], by: { remedy: Remedy; failure: Failure; nowMs: number }): NextStep | undefined {
    if (!by.remedy.retry || this.#retriesLeft(route) < 1) return undefined
    const waitMs = this.#waitFor(route, by.failure)
    if (waitMs === undefined || !this.#isInTime(by.nowMs + waitMs) || !this.#rule.mayRetry(route.provider.name))
      return undefined
    this.#retries.set(targetName(route), this.#retriesOf(route) + 1)
    return this.#step([route, ...rest], waitMs)
  }

  #other(rest: Route[], remedy: Remedy): NextStep | undefined {
    return remedy.fallBack && rest.length > 0 ? this.#step(rest, 0) : undefined
  }

  #step(routes: Route[], waitMs: number): NextStep {
    return { targets: routes.map(targetName), avoid: [...this.#failedKeys], waitMs }
  }

  #waitFor(route: Route, { retryAfterMs }: Failure): number | undefined {
    if (retryAfterMs !== null) return retryAfterMs <= MAX_ASKED_MS ? Math.ceil(retryAfterMs) : undefined
    const most = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#retriesOf(route))
    return Math.ceil(most * this.#rule.random())
  }

  #isInTime(atMs: number): boolean {
    return atMs - this.#rule.startMs < (this.#rule.reliability.deadlineMs ?? DEADLINE_MS)
  }

  #retriesOf(route: Route): number {
    return this.#retries.get(targetName(route)) ?? 0
  }

  #retriesLeft(route: Route): number {
    return this.#rule.reliability.maxRetries - this.#retriesOf(route)
  }
}
