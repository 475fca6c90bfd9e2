import { readReconcileState } from '../../db/read-reconcile-state.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { renderReconcile } from './render-reconcile.ts'

/** The most differences that an answer shows. */
const MAX_DIFFERENCES = 100

/** `GET /v1/health/reconcile`: whether meters, events and rollups of the tenant agree, and what was done where they did not. */
export async function getReconcile(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const state = await readReconcileState(await ports.eventsDb(tenantId), { tenantId, limit: MAX_DIFFERENCES })
  return c.json(renderReconcile(state, ports.nowMs()))
}
