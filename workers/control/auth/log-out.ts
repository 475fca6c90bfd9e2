import { guarded } from '../access/guard-attempts.ts'
import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { endSession } from './end-session.ts'
import { readRefreshToken } from './read-refresh-token.ts'

/** `POST /v1/auth/logout`: ends the sign-in of a refresh token, and with it the access tokens that came of it. */
export async function logOut(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const row = await guarded(c.req.raw, ports, () => readRefreshToken(c.req.raw, ports))
  if (row.revokedMs === null) await endSession(row, 'session.delete', ports)
  return c.json({ data: { ended: true } })
}
