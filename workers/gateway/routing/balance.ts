import type { Balance, KeySnapshot } from '../../core/snapshot.ts'
import { grantFor, type Route } from './route-to.ts'

/** How a provider does, as far as this isolate knows. `isResting`: its circuit is open, or it asked to be left alone. */
export type Condition = { isResting: boolean; latencyMs: number | null; inFlight: number }

/** By what routes are put in order. `costOf`: what the request could cost there, nano-dollars. */
export type BalanceRule = {
  balance: Balance
  snapshot: KeySnapshot
  random(): number
  conditionOf(route: Route): Condition
  costOf(route: Route): number
}

function weightOf(route: Route, { snapshot }: BalanceRule): number {
  return grantFor(snapshot, route.provider.name)?.weight ?? 0
}

// A draw without putting back, by exponential keys (Efraimidis and Spirakis, 2006): the heavier is the sooner.
function byWeight(routes: Route[], rule: BalanceRule): Route[] {
  const drawn = routes.map(route => ({ route, at: -Math.log(1 - rule.random()) / weightOf(route, rule) }))
  return drawn.toSorted((a, b) => a.at - b.at).map(({ route }) => route)
}

function by(value: (route: Route) => number, routes: Route[]): Route[] {
  return routes.toSorted((a, b) => value(a) - value(b))
}

/**
 * Routes to the same model, best first. By weight only those that have one are there: a grant without a weight allows, and
 * is never chosen. One whose latency is not known is tried before those that are slower than nothing.
 */
export function balanced(routes: Route[], rule: BalanceRule): Route[] {
  switch (rule.balance) {
    case 'weight':
      return byWeight(
        routes.filter(route => weightOf(route, rule) > 0),
        rule,
      )
    case 'price':
      return by(rule.costOf, routes)
    case 'latency':
      return by(route => rule.conditionOf(route).latencyMs ?? 0, routes)
    case 'least_busy':
      return by(route => rule.conditionOf(route).inFlight, routes)
  }
}

/** The same routes, those that are resting last: an open circuit costs a provider its turn, and never refuses a request. */
export function restingLast(routes: Route[], { conditionOf }: Pick<BalanceRule, 'conditionOf'>): Route[] {
  const isResting = (route: Route) => conditionOf(route).isResting
  return [...routes.filter(route => !isResting(route)), ...routes.filter(isResting)]
}
