import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { limitPath } from './change-limit.ts'
import { showLimit } from './show-limits.ts'

/** `GET /v1/limits/:id`. */
export async function getLimit(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { data, etag } = await showLimit(limitPath(c), ports)
  return c.json({ data }, 200, { etag })
}
