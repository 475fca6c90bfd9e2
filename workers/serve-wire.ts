import { gatewayPorts } from './bindings/gateway-ports.ts'
import { drain } from './gateway/drain.ts'
import { serveCall } from './gateway/serve-call.ts'
import type { WireAt } from './gateway/wires/wire-at.ts'
import { logVisit, openVisit, refuse, sent } from './visit.ts'

/**
 * Answers a request on a wire. This is what nearly all requests are, so that they go no further than here: past the router, which
 * has the addresses of all else.
 */
export async function serveWire(
  request: Request,
  at: WireAt,
  { env, ctx }: { env: Env; ctx: ExecutionContext },
): Promise<Response> {
  const ports = gatewayPorts(env, ctx)
  const visit = openVisit(request, at.pathname, ports)
  try {
    const answer = serveCall(visit.call, at, ports)
    // Also when the client leaves before there is an answer: what was sent has to be settled.
    ports.after(answer.catch(() => undefined))
    const answered = await answer
    // A call that was admitted logs itself when it is settled.
    if (answered.status >= 400) logVisit(visit, answered.status)
    return sent(visit, answered)
  } catch (thrown) {
    await drain(request)
    return sent(visit, refuse(visit, thrown, at.wire.renderError))
  }
}
