import { toGatewayError } from '../../errors/gateway-error.ts'
import { renderGovernance, renderProblem } from '../../errors/render.ts'
import type { ControlPorts } from '../ports.ts'
import type { ControlContext } from './env.ts'

/** The one place where the management API says what went wrong: Bifrost's body under `/api`, RFC 9457 elsewhere. */
export function renderError(thrown: unknown, c: ControlContext, { nowMs }: Pick<ControlPorts, 'nowMs'>): Response {
  const render = c.req.path.startsWith('/api/') ? renderGovernance : renderProblem
  const at = { traceId: c.get('traceId'), nowMs: nowMs() }
  return render(toGatewayError(thrown), c.get('requestId'), at)
}
