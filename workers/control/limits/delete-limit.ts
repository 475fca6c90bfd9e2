import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { changeLimit, limitPath } from './change-limit.ts'
import { partOf, removeLimit } from './edit-limit.ts'

/** `DELETE /v1/limits/:id`. */
export async function deleteLimit(c: ControlContext, ports: ActingPorts): Promise<Response> {
  await changeLimit(limitPath(c), { verb: 'delete', change: (rows, limit) => removeLimit(rows, partOf(limit)) }, ports)
  return c.body(null, 204)
}
