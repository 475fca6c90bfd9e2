import { CountTokensRequest } from '../contracts/count-tokens-request.ts'
import { readBody } from '../contracts/read-body.ts'
import type { KeySnapshot } from '../core/snapshot.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import { untranslatable } from '../formats/untranslatable.ts'
import type { Endpoint } from '../providers/port.ts'
import { wishWith } from './attempts/wish.ts'
import { authenticateFully } from './authenticate.ts'
import type { Call } from './call.ts'
import { keptReference } from './kept-reference.ts'
import { parseBody, readFields } from './parse-body.ts'
import type { GatewayPorts } from './ports.ts'
import { readResidency } from './residency.ts'
import { chooseRoutes } from './routing/choose-routes.ts'
import type { Route } from './routing/route-to.ts'

/** The caller's headers that say which version of the wire is spoken. */
const FORWARDED = ['anthropic-beta', 'anthropic-version']
/** What is passed back of the vendor's headers. */
const PASSED = ['content-type', 'retry-after']

/** The address of Anthropic's counter of tokens. */
export const COUNT_TOKENS_PATH = '/v1/messages/count_tokens'

/** A count costs nothing, and is not balanced. */
const WELL = { isResting: false, latencyMs: null, inFlight: 0 }

type CountTokens = NonNullable<Endpoint['countTokens']>

function counterOf({ endpoint, provider }: Route): CountTokens {
  if (endpoint.countTokens) return endpoint.countTokens
  throw untranslatable('model', `provider '${provider.name}' does not count tokens; an estimate would be no count`)
}

function picked(headers: Headers, names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap(name => (headers.has(name) ? [[name, headers.get(name) ?? '']] : [])))
}

async function ask(route: Route, raw: Record<string, unknown>, { request }: Call): Promise<Response> {
  const { model } = route
  const headers = picked(request.headers, FORWARDED)
  const asked = { model, body: JSON.stringify({ ...raw, model }), isStream: false, headers, signal: request.signal }
  try {
    return await counterOf(route)(asked, await route.key.open())
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause
    const detail = `Provider '${route.provider.name}' could not be reached.`
    throw new GatewayError('provider_unreachable', detail, { cause })
  }
}

type Asked = { snapshot: KeySnapshot; call: Call; ports: GatewayPorts; raw: Record<string, unknown> }

function routeOf(requested: string, { snapshot, call, ports, raw }: Asked): Route {
  const [route] = chooseRoutes({
    requested,
    format: 'anthropic-messages',
    snapshot,
    providers: ports.providersFor(snapshot),
    nowMs: call.startMs,
    residency: { wanted: readResidency(call.request.headers), jurisdiction: ports.settings.jurisdiction },
    reference: ports.settings.sharesReferences ? undefined : keptReference(raw),
    random: ports.random,
    reliability: { balance: null, fallbacks: [] },
    conditionOf: () => WELL,
    costOf: () => 0,
  })
  if (!route) throw new GatewayError('internal', 'There is no route, and no reason why.')
  return route
}

/**
 * `POST /v1/messages/count_tokens`: the vendor's own count, for a key that may use the model. Vendors count for nothing, so
 * nothing is held, charged or recorded. Throws `untranslatable` where the provider has no counter.
 */
export async function countTokens(call: Call, ports: GatewayPorts): Promise<Response> {
  const snapshot = await authenticateFully(call, ports)
  const raw = parseBody((await readBody(call.request, ports.settings.maxBodyBytes)).text)
  wishWith({}, raw)
  const { model: requested } = readFields(CountTokensRequest, raw)
  const route = routeOf(requested, { snapshot, call, ports, raw })
  const answer = await ask(route, raw, call)
  const told = { 'x-weir-provider': route.provider.name, 'x-weir-model': route.model }
  return new Response(answer.body, { status: answer.status, headers: { ...picked(answer.headers, PASSED), ...told } })
}
