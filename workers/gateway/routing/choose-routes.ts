import type { Reliability } from '../../core/snapshot.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { type BalanceRule, balanced, restingLast } from './balance.ts'
import { findTargets, type Providers, type Target } from './find-targets.ts'
import { mayUse, type Route, type RouteRule, routeTo } from './route-to.ts'

/** What routes are chosen from. `requested`: a model, `provider/model` or bare. */
export type RouteChoice = RouteRule &
  Pick<BalanceRule, 'conditionOf' | 'costOf'> & {
    requested: string
    providers: Providers
    reliability: Pick<Reliability, 'balance' | 'fallbacks'>
  }

// First among what the key may use, so that one it may not use is no rival, and then its refusal says why.
function usableTargets({ requested, providers, snapshot }: RouteChoice): Target[] {
  const having = findTargets(requested, providers)
  const usable = having.filter(({ provider, model }) => mayUse(snapshot, provider.name, model))
  return usable.length > 0 ? usable : having.slice(0, 1)
}

function ambiguous(model: string, routes: Route[]): GatewayError {
  const names = routes.map(({ provider }) => `${provider.name}/${model}`).join(', ')
  const detail = `More than one provider has '${model}'. Use one of: ${names}; or give this key's provider configs weights.`
  return new GatewayError('model_ambiguous', detail, { param: 'model' })
}

function inOrder(routes: Route[], choice: RouteChoice): Route[] {
  if (routes.length < 2) return routes
  const ordered = balanced(routes, { ...choice, balance: choice.reliability.balance ?? 'weight' })
  if (ordered.length === 0) throw ambiguous(choice.requested, routes)
  return ordered
}

/** What could be made of some targets, and why the first of the others could not. */
type Made = { routes: Route[]; refused: unknown }

function make(targets: Target[], choice: RouteChoice): Made {
  const made: Made = { routes: [], refused: undefined }
  for (const target of targets) {
    try {
      made.routes.push(routeTo(target, choice))
    } catch (thrown) {
      made.refused ??= thrown
    }
  }
  return made
}

// A fallback that nobody has, or that the key may not use, is passed over: it is there for when something else is not.
function fallbackRoutes(choice: RouteChoice): Route[] {
  const targets = choice.reliability.fallbacks.flatMap(name => {
    try {
      return findTargets(name, choice.providers)
    } catch {
      return []
    }
  })
  return make(targets, choice).routes
}

function firstChoice(choice: RouteChoice): Made {
  try {
    const { routes, refused } = make(usableTargets(choice), choice)
    return { routes: inOrder(routes, choice), refused }
  } catch (refused) {
    return { routes: [], refused }
  }
}

function distinct(routes: Route[]): Route[] {
  const names = routes.map(({ provider, model }) => `${provider.name}/${model}`)
  return routes.filter((_, index) => names.indexOf(names[index] ?? '') === index)
}

/**
 * Where a request may go, best first: what its model's name means, balanced where several providers have it, then its
 * fallbacks; what is resting comes last. Throws why the first choice is none where nothing is left.
 */
export function chooseRoutes(choice: RouteChoice): Route[] {
  const { routes, refused } = firstChoice(choice)
  const all = distinct([...routes, ...fallbackRoutes(choice)])
  if (all.length === 0) throw refused
  return restingLast(all, choice)
}
