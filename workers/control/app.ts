import { Hono } from 'hono'
import { admitCaller } from './access/admit-caller.ts'
import type { ControlContext, ControlEnv } from './http/env.ts'
import { renderError } from './http/render-error.ts'
import type { RouteSpec } from './http/route-spec.ts'
import type { ControlPorts } from './ports.ts'
import { CONTROL_ROUTES } from './routes.ts'

async function serve(route: RouteSpec, c: ControlContext, ports: ControlPorts): Promise<Response> {
  const actor = await admitCaller(route.access, c, ports)
  return route.method === 'GET' ? route.handler(c, ports) : route.handler(c, { ...ports, actor })
}

/**
 * The management API, to be mounted at `/`. The parent sets `requestId`, answers unknown paths, and logs `c.error`. Each route
 * asks for its caller itself: mounted at `/`, a wildcard would catch the data plane.
 */
export function controlApp(ports: ControlPorts): Hono<ControlEnv> {
  const app = new Hono<ControlEnv>()
  app.onError(renderError)
  for (const route of CONTROL_ROUTES) app.on(route.method, route.path, c => serve(route, c, ports))
  return app
}
