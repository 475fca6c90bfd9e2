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

/**
 * The next attempt: where it may go, best first, as `provider/model`; with which keys rather not; after which wait; and which
 * models a limit has taken it from so far.
 */
export type NextStep = { targets: string[]; avoid: string[]; waitMs: number; downgradedFrom: string[] }

/** Of what a course is made. `mayRetry` takes from the budget of retries. */
export type CourseRule = {
  reliability: Reliability
  startMs: number
  random(): number
  /** Of a provider, by its name. */
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
  readonly #begun = new Set<string>()

  constructor(rule: CourseRule) {
    this.#rule = rule
  }

  /** An attempt begins: what it is sent to is no fallback any more, neither for another nor for the hedge beside it. */
  begin({ route }: AdmittedCall): void {
    this.#begun.add(targetName(route))
  }

  /** Whether anything could follow a failure of this attempt. */
  mayGoOn({ route, rest }: AdmittedCall): boolean {
    return this.#fresh(rest).length > 0 || this.#retriesLeft(route) > 0 || this.#hasOtherKey(route)
  }

  /** A second attempt beside one that is silent: where nobody was asked yet, or else the same again. */
  beside(first: AdmittedCall): NextStep {
    const step = this.#step(first, [...this.#fresh(first.rest), first.route], 0)
    return { ...step, avoid: [...step.avoid, first.route.key.id] }
  }

  /** What is to be done after an attempt failed; `undefined`: nothing more. */
  next(failed: AdmittedCall, failure: Failure, nowMs: number): NextStep | undefined {
    if (!this.#isInTime(nowMs)) return undefined
    const remedy = remedyOf(failure)
    return (
      this.#otherKey(failed, remedy) ?? this.#again(failed, { remedy, failure, nowMs }) ?? this.#other(failed, remedy)
    )
  }

  #otherKey(failed: AdmittedCall, remedy: Remedy): NextStep | undefined {
    const { route, rest } = failed
    if (!remedy.otherKey) return undefined
    this.#failedKeys.push(route.key.id)
    return this.#hasOtherKey(route) ? this.#step(failed, [route, ...this.#fresh(rest)], 0) : undefined
  }

  // Of those that this virtual key may use for the model: another would never be taken, and this would go on for ever.
  #hasOtherKey({ keys, key }: Route): boolean {
    return keys.some(({ id }) => id !== key.id && !this.#failedKeys.includes(id))
  }

  #again(failed: AdmittedCall, by: { remedy: Remedy; failure: Failure; nowMs: number }): NextStep | undefined {
    const { route, rest } = failed
    if (!by.remedy.retry || this.#retriesLeft(route) < 1) return undefined
    const waitMs = this.#waitFor(route, by.failure)
    if (waitMs === undefined || !this.#isInTime(by.nowMs + waitMs) || !this.#rule.mayRetry(route.provider.name))
      return undefined
    this.#retries.set(targetName(route), this.#retriesOf(route) + 1)
    return this.#step(failed, [route, ...this.#fresh(rest)], waitMs)
  }

  #other(failed: AdmittedCall, remedy: Remedy): NextStep | undefined {
    const fresh = this.#fresh(failed.rest)
    return remedy.fallBack && fresh.length > 0 ? this.#step(failed, fresh, 0) : undefined
  }

  #fresh(routes: Route[]): Route[] {
    return routes.filter(route => !this.#begun.has(targetName(route)))
  }

  #step({ adjustment }: AdmittedCall, routes: Route[], waitMs: number): NextStep {
    const { downgradedFrom } = adjustment
    return { targets: routes.map(targetName), avoid: [...this.#failedKeys], waitMs, downgradedFrom }
  }

  // Also on top of what was asked for: all who were refused at once would come back at once.
  #waitFor(route: Route, { retryAfterMs }: Failure): number | undefined {
    if (retryAfterMs !== null && retryAfterMs > MAX_ASKED_MS) return undefined
    const most = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#retriesOf(route))
    return Math.ceil((retryAfterMs ?? 0) + most * this.#rule.random())
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
