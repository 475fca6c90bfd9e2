import type { Context } from 'hono'

/** What travels with a request: `requestId` is set by the parent app, `tenantId` by `requireAdmin`. */
export type ControlEnv = { Variables: { requestId: string; tenantId: string } }

/** Hono's context on the management API. */
export type ControlContext = Context<ControlEnv>
