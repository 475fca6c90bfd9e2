import type { ControlContext } from '../../http/env.ts'
import { etagOf } from '../../http/etag.ts'
import type { ControlPorts } from '../../ports.ts'
import { findMine } from './find-mine.ts'
import { renderProvider } from './render-provider.ts'

/** `GET /v1/identity/sso/:id`. */
export async function getProvider(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const row = await findMine(c, ports)
  return c.json({ data: renderProvider(row) }, 200, { etag: etagOf(row.version) })
}
