import type { Context } from 'hono'
import type { Principal } from '../../core/access/principal.ts'
import type { RateStanding } from '../../core/rate/take.ts'

/** What travels with a request: `requestId` and `traceId` are set by the parent app, `principal` and `rate` once its caller is known. */
export type ControlEnv = {
  Variables: { requestId: string; traceId: string; principal: Principal; rate?: RateStanding }
}

/** Hono's context on the management API. */
export type ControlContext = Context<ControlEnv>
