import { chooseRoutes, type RouteChoice } from '../../workers/gateway/routing/choose-routes.ts'
import type { Route } from '../../workers/gateway/routing/route-to.ts'

type Given = Pick<RouteChoice, 'requested' | 'snapshot' | 'providers' | 'nowMs'> & Partial<RouteChoice>

/** Where a request may go, best first, where all providers are well and nothing else is said. */
export function routesOf(given: Given): Route[] {
  return chooseRoutes({
    format: 'openai-chat',
    random: () => 0.5,
    reliability: { balance: null, fallbacks: [] },
    conditionOf: () => ({ isResting: false, latencyMs: null, inFlight: 0 }),
    costOf: () => 0,
    ...given,
  })
}

/** The first of them. */
export function firstRoute(given: Given): Route {
  const [first] = routesOf(given)
  if (!first) throw new Error('no route, and no refusal')
  return first
}
