import { Hono, type MiddlewareHandler } from 'hono'
import { GatewayError } from '../errors/gateway-error.ts'
import { admitCaller } from './access/admit-caller.ts'
import { answerOnce, onceKeyOf } from './http/answer-once.ts'
import { readConfigHash } from './http/config-hash.ts'
import { corsHeaders, preflight } from './http/cors.ts'
import { deprecationHeaders } from './http/deprecation-headers.ts'
import type { ControlContext, ControlEnv } from './http/env.ts'
import { rateHeaders } from './http/rate-headers.ts'
import { renderError } from './http/render-error.ts'
import type { RouteSpec } from './http/route-spec.ts'
import { isTrial, tryOut } from './http/trial.ts'
import type { ActingPorts, Actor, ControlPorts } from './ports.ts'
import { CONTROL_ROUTES } from './routes.ts'

function actingPorts(
  route: RouteSpec,
  c: ControlContext,
  { actor, ...ports }: ControlPorts & { actor: Actor },
): ActingPorts {
  const ifMatch = c.req.method === 'POST' ? undefined : c.req.header('if-match')
  return { ...ports, actor, ifMatch, configHash: readConfigHash(route, c.req.raw) }
}

// A name that cannot be read would be looked for as it is written, and never be found.
function checkPath({ req }: ControlContext): void {
  try {
    decodeURIComponent(req.path)
  } catch {
    throw new GatewayError('request_invalid', 'The path is not percent-encoded as it has to be.', { param: 'path' })
  }
}

async function answer(route: RouteSpec, c: ControlContext, ports: ControlPorts): Promise<Response> {
  checkPath(c)
  const actor = await admitCaller(route.access, c, ports)
  if (route.method === 'GET' || route.isQuestion) return route.handler(c, ports)
  const acting = actingPorts(route, c, { ...ports, actor })
  const handle = async () => route.handler(c, acting)
  if (isTrial(route, c.req.raw)) return tryOut(() => route.handler(c, { ...acting, isTrial: true }))
  const key = onceKeyOf(route, c.req.raw)
  return key === undefined ? handle() : answerOnce({ key, route, c, ports }, handle)
}

function addHeaders(route: RouteSpec, ports: ControlPorts): MiddlewareHandler<ControlEnv> {
  const headers = Object.entries(deprecationHeaders(route.deprecated))
  return async (c, next) => {
    await next()
    for (const [name, value] of Object.entries(await corsHeaders(c, ports))) c.header(name, value)
    for (const [name, value] of Object.entries(rateHeaders(c.get('rate')))) c.header(name, value)
    for (const [name, value] of headers) c.header(name, value)
  }
}

/**
 * The management API, to be mounted at `/`. The parent sets `requestId` and `traceId`, answers unknown paths, and logs `c.error`. Each route
 * asks for its caller itself: mounted at `/`, a wildcard would catch the data plane.
 */
export function controlApp(ports: ControlPorts, routes: readonly RouteSpec[] = CONTROL_ROUTES): Hono<ControlEnv> {
  const app = new Hono<ControlEnv>()
  app.onError((thrown, c) => renderError(thrown, c, ports))
  for (const route of routes) app.on(route.method, route.path, addHeaders(route, ports), c => answer(route, c, ports))
  for (const path of new Set(routes.map(route => route.path))) app.options(path, c => preflight(c.req.raw, ports))
  return app
}
