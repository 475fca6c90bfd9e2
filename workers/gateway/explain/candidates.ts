import type { RouteExplanation } from '../../contracts/route-question.ts'
import type { KeySnapshot } from '../../core/snapshot.ts'
import { toGatewayError } from '../../errors/gateway-error.ts'
import { type Asking, holdAt } from '../admit-call.ts'
import type { GatewayPorts } from '../ports.ts'
import type { RouteChoice } from '../routing/choose-routes.ts'
import { findTargets, type Target } from '../routing/find-targets.ts'
import { routeTo } from '../routing/route-to.ts'
import { placeOf } from './place-of.ts'

/** One place where a request may go, and why it does not. */
type Candidate = RouteExplanation['candidates'][number]

/** A refusal as an explanation tells it. */
export function toldRefusal(thrown: unknown): { code: string; detail: string } {
  const { code, detail } = toGatewayError(thrown)
  return { code, detail }
}

/** All that one explanation is made of. */
export type Explaining = { asking: Asking; snapshot: KeySnapshot; ports: GatewayPorts; choice: RouteChoice }

const nameOf = ({ provider, model }: Target) => `${provider.name}/${model}`

function targetsOf(names: readonly string[], { providers }: RouteChoice): Target[] {
  const found = names.flatMap(name => {
    try {
      return findTargets(name, providers)
    } catch {
      return []
    }
  })
  const all = found.map(nameOf)
  return found.filter((target, index) => all.indexOf(nameOf(target)) === index)
}

const UNPLANNED = { is_kept: false, estimated_hold_usd: null, price_pico_usd: null }

// The same that admission does with it, but for what is drawn.
function weigh(target: Target, { asking, snapshot, ports, choice }: Explaining) {
  try {
    const route = routeTo(target, choice)
    const { need } = holdAt(route, { asking, snapshot, ports })
    const told = { estimated_hold_usd: need.nano_usd / 1e9, price_pico_usd: route.prices.base }
    return { is_kept: true, dropped: null, ...told }
  } catch (thrown) {
    return { ...UNPLANNED, dropped: toldRefusal(thrown) }
  }
}

const NO_WEIGHT = { code: 'no_weight', detail: 'Others that have the model have a weight; this one is never chosen.' }

/** Each place that the model or a fallback names, in no order of preference, and whether it is in the `order` that is tried. */
export function candidatesOf(explaining: Explaining, order: readonly string[]): Candidate[] {
  const { choice, ports, snapshot, asking } = explaining
  const isRuled = choice.requested !== asking.ask.model
  const named = targetsOf([choice.requested, ...choice.reliability.fallbacks], choice)
  const left = isRuled
    ? targetsOf([asking.ask.model], choice).filter(one => !named.map(nameOf).includes(nameOf(one)))
    : []
  const facts = (target: Target) => ({
    ...{ provider: target.provider.name, model: target.model },
    ...placeOf(target.provider, snapshot.tenantId, ports),
  })
  const weighed = named.map((target): Candidate => {
    const result = weigh(target, explaining)
    const isLeftOut = result.is_kept && !order.includes(nameOf(target))
    return { ...facts(target), ...result, ...(isLeftOut && { is_kept: false, dropped: NO_WEIGHT }) }
  })
  const dropped = { code: 'rule', detail: `A routing rule sends '${asking.ask.model}' to '${choice.requested}'.` }
  return [...weighed, ...left.map(target => ({ ...facts(target), ...UNPLANNED, dropped }))]
}
