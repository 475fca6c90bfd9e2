import { isFlagOn } from '../../core/access/feature-flag.ts'
import { findFlag, listFlags } from '../../db/feature-flags.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import type { ControlPorts } from '../ports.ts'
import { renderFlag } from './flag-shape.ts'

/** The answer for a flag that there is not, or that somebody else's tenant has. */
export function flagNotFound(): GatewayError {
  return new GatewayError('not_found', 'There is no such feature flag.')
}

/** `GET /v1/tenant/feature-flags`: what each is for the caller at this moment. */
export async function getFlagValues(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const principal = c.get('principal')
  const flags = await listFlags(ports.db, principal.tenantId)
  return c.json({ data: Object.fromEntries(flags.map(flag => [flag.name, isFlagOn(flag.name, flag, principal)])) })
}

/** `GET /v1/tenant/feature-flags/:name`: the flag itself, and not what it is for the caller. */
export async function getFlag(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const path = { tenantId: c.get('principal').tenantId, name: c.req.param('name') ?? '' }
  const row = await findFlag(ports.db, path)
  if (!row) throw flagNotFound()
  return c.json({ data: renderFlag(row) }, 200, { etag: etagOf(row.version) })
}
