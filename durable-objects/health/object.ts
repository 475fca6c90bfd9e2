import { DurableObject } from 'cloudflare:workers'
import { type Circuit, limited, newCircuit, observe, viewOf } from '../../workers/core/health/circuit.ts'
import type { Health, HealthReport, SharedHealth } from '../../workers/core/health/health-protocol.ts'

/** An isolate that has not spoken for so long has gone, and with it its requests. */
const ISOLATE_FORGOTTEN_MS = 60_000

/**
 * Watches one provider in one region for one tenant: its circuit, latency, and requests in flight. Keeps nothing: an object that was
 * evicted starts with a closed circuit, and learns from the next failures.
 */
export class HealthObject extends DurableObject<Env> implements Health {
  #circuit: Circuit = newCircuit()
  readonly #isolates = new Map<string, { inFlight: number; heardMs: number }>()

  async report({ isolate, sample, inFlight, limitedUntilMs, nowMs }: HealthReport): Promise<SharedHealth> {
    this.#circuit = limited(observe(this.#circuit, sample, nowMs), limitedUntilMs)
    this.#isolates.set(isolate, { inFlight, heardMs: nowMs })
    return this.read(nowMs)
  }

  async read(nowMs: number): Promise<SharedHealth> {
    for (const [isolate, { heardMs }] of this.#isolates) {
      if (heardMs < nowMs - ISOLATE_FORGOTTEN_MS) this.#isolates.delete(isolate)
    }
    const inFlight = [...this.#isolates.values()].reduce((sum, one) => sum + one.inFlight, 0)
    return { ...viewOf(this.#circuit, nowMs), inFlight }
  }
}
