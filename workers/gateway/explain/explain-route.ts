import { readBody } from '../../contracts/read-body.ts'
import { type RouteExplanation, RouteQuestion } from '../../contracts/route-question.ts'
import type { KeyRef } from '../../core/key/key-text.ts'
import type { KeySnapshot } from '../../core/snapshot.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { type Asking, holdAt, routeChoice } from '../admit-call.ts'
import { wishOf, wishWith } from '../attempts/wish.ts'
import { attribute } from '../attribute.ts'
import { assertHeaders, assertUsable, authenticate, authenticateFully } from '../authenticate.ts'
import type { Call } from '../call.ts'
import { checkTools } from '../mcp/check-tools.ts'
import { parseBody, readFields } from '../parse-body.ts'
import type { GatewayPorts } from '../ports.ts'
import { readResidency } from '../residency.ts'
import { applyRules, type Ruled } from '../routing/apply-rules.ts'
import { chooseRoutes, type RouteChoice } from '../routing/choose-routes.ts'
import { type WireAt, wireAt } from '../wires/wire-at.ts'
import { candidatesOf, type Explaining, toldRefusal } from './candidates.ts'

/** Whose request it would be. */
export type Whose = { ref: KeyRef; snapshot: KeySnapshot }

function wireOf(url: URL): WireAt {
  const at = wireAt(url.href)
  if (at && !at.wire.form) return at
  throw new GatewayError('request_invalid', 'path: must be an address of the data plane that takes JSON.', {
    param: 'path',
  })
}

function headersOf(question: RouteQuestion, { request }: Call): Headers {
  const headers = new Headers(request.headers)
  try {
    for (const [name, value] of Object.entries(question.headers)) headers.set(name, value)
  } catch {
    throw new GatewayError('request_invalid', 'headers: not what headers can be.', { param: 'headers' })
  }
  return headers
}

function rawOf({
  virtual_key_id: _,
  path: __,
  headers: ___,
  request,
  ...rest
}: RouteQuestion): Record<string, unknown> {
  return { ...(request ?? rest) }
}

// As `serveCall` reads it, of a request that was not sent.
function askingOf(question: RouteQuestion, { ref, snapshot }: Whose, call: Call): Asking {
  const url = new URL(question.path, 'https://weir.invalid')
  const at = wireOf(url)
  const raw = rawOf(question)
  const headers = headersOf(question, call)
  const wish = wishWith(wishOf(headers), raw)
  const ask = at.wire.read({ raw, bytes: new TextEncoder().encode(JSON.stringify(raw)).length, path: at.path })
  const asked = { ...call, request: new Request(url, { method: 'POST', headers }) }
  const key = { ref, hash: snapshot.keyHash }
  return { call: asked, key, ask, attribution: attribute(headers), wish, residency: readResidency(headers) }
}

function orderOf(explaining: Explaining): string[] {
  return chooseRoutes(explaining.choice).flatMap(route => {
    try {
      holdAt(route, explaining)
      return [`${route.provider.name}/${route.model}`]
    } catch {
      return []
    }
  })
}

type Outcome = Pick<RouteExplanation, 'order' | 'refusal'>

function outcomeOf(explaining: Explaining): Outcome {
  const { snapshot, asking } = explaining
  try {
    assertUsable(snapshot, asking.key, asking.call.startMs)
    assertHeaders(snapshot, asking.call.request.headers)
    checkTools(snapshot, asking.ask, asking.call.request.headers)
    const order = orderOf(explaining)
    if (order.length > 0) return { order, refusal: null }
    // What cannot be planned anywhere is refused for what the first could not be planned for.
    for (const route of chooseRoutes(explaining.choice)) holdAt(route, explaining)
    return { order, refusal: null }
  } catch (thrown) {
    return { order: [], refusal: toldRefusal(thrown) }
  }
}

function toldRules(ruled: Ruled | undefined): Pick<RouteExplanation, 'rule' | 'rules'> {
  const rules = (ruled?.ruling.trace ?? []).map(({ rule, at, verdict }) => {
    const why = verdict.kind === 'skipped' ? { why: verdict.why } : {}
    return { ...rule, ...at, verdict: verdict.kind, ...why }
  })
  return { rule: ruled?.ruling.decision?.matched ?? null, rules }
}

// Where weights decide, one draw serves the order and what is said of it.
function steady(choice: RouteChoice, ports: GatewayPorts): RouteChoice {
  const drawn = ports.random()
  return { ...choice, random: () => drawn }
}

/**
 * How a request would be routed, by the same functions that route it; no provider is called and nothing is held. Limits are not
 * asked: a request that is explained may still be refused for its budget. Throws what is wrong with the question.
 */
export function explainRoute(
  question: RouteQuestion,
  by: Whose & { call: Call },
  ports: GatewayPorts,
): RouteExplanation {
  const { snapshot, call } = by
  const asking = askingOf(question, by, call)
  const choice = steady(routeChoice({ asking, snapshot, ports }), ports)
  const explaining = { asking, snapshot, ports, choice }
  const outcome = outcomeOf(explaining)
  return {
    virtual_key_id: snapshot.keyId,
    requested_model: asking.ask.model,
    routed_model: choice.requested,
    ...toldRules(applyRules(asking, snapshot, ports)),
    candidates: candidatesOf(explaining, outcome.order),
    ...outcome,
  }
}

/** `POST /v1/route` for who shows a virtual key. */
export async function explainKeyRoute(call: Call, ports: GatewayPorts): Promise<Response> {
  const { ref } = authenticate(call.request.headers, ports)
  const snapshot = await authenticateFully(call, ports)
  const { text } = await readBody(call.request, ports.settings.maxBodyBytes)
  const question = readFields(RouteQuestion, parseBody(text))
  return Response.json({ data: explainRoute(question, { ref, snapshot, call }, ports) })
}
