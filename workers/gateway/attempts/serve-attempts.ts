import type { GatewayError } from '../../errors/gateway-error.ts'
import { toGatewayError } from '../../errors/gateway-error.ts'
import { type Asking, admitCall } from '../admit-call.ts'
import type { AdmittedCall } from '../call.ts'
import type { GatewayPorts } from '../ports.ts'
import { Course, type NextStep } from './course.ts'
import { runHedged } from './hedge.ts'
import type { Tried } from './tried.ts'
import { waitFor } from './wait-for.ts'

/** One call and what was tried of it. Attempts have numbers of their own: each is held, settled and listed by itself. */
export class Attempts {
  readonly asking: Asking
  readonly ports: GatewayPorts
  readonly course: Course
  #count = 1

  constructor(asking: Asking, first: AdmittedCall, ports: GatewayPorts) {
    this.asking = asking
    this.ports = ports
    const { reliability, route, draft } = first
    const tenantId = draft.tenant_id
    ports.retries.earn({ tenantId, provider: route.provider.name })
    const mayRetry = (provider: string) => ports.retries.take({ tenantId, provider })
    this.course = new Course({ reliability, startMs: asking.call.startMs, random: ports.random, mayRetry })
  }

  /** Holds one more attempt, after its wait; `undefined` where it is refused, or the client has gone. */
  async admit({ waitMs, ...to }: NextStep): Promise<AdmittedCall | undefined> {
    const { signal } = this.asking.call.request
    await waitFor(waitMs, signal)
    if (signal.aborted) return undefined
    this.#count += 1
    const step = { attempt: this.#count, ...to }
    const admitted = await admitCall(this.asking, this.ports, step).catch(thrown =>
      this.#refused(toGatewayError(thrown)),
    )
    return admitted === 'elsewhere' ? undefined : admitted
  }

  #refused({ code }: GatewayError): undefined {
    const { call } = this.asking
    this.ports.log({
      event: 'attempt_refused',
      request_id: call.requestId,
      call_id: call.id,
      attempt: this.#count,
      code,
    })
    return undefined
  }
}

/**
 * Answers an admitted call: sends it, and where that brings no answer, tries again, with another key, or elsewhere, as far as its
 * reliability and its limits let it. What failed is settled before the next is held, so that a call never stands in its own
 * way. In the end the client gets the answer, or the last failure in its provider's own words.
 */
export async function serveAttempts(first: AdmittedCall, asking: Asking, ports: GatewayPorts): Promise<Response> {
  const attempts = new Attempts(asking, first, ports)
  let tried: { admitted: AdmittedCall; outcome: Tried } = await runHedged(first, attempts)
  for (;;) {
    const { admitted, outcome } = tried
    const step = outcome.failure && attempts.course.next(admitted, outcome.failure, ports.nowMs())
    if (!step) return outcome.give()
    await outcome.drop()
    const next = await attempts.admit(step)
    if (!next) return outcome.give()
    tried = await runHedged(next, attempts)
  }
}
