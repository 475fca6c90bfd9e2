import type { AdmittedCall } from './call.ts'
import type { GatewayPorts } from './ports.ts'

/** Keeps the hold of a call from expiring while the call lives. Returns the function that stops it. */
export function holdOpen(admitted: AdmittedCall, ports: GatewayPorts): () => void {
  const { holdMs } = ports.settings
  const extend = () => {
    const deadlineMs = ports.nowMs() + holdMs
    // A beat that fails is made up for by the next; if all fail, the hold is assumed and the true settle corrects it.
    ports.after(admitted.meter.extend({ ...admitted.attempt, deadlineMs }).catch(() => false))
  }
  const timer = setInterval(extend, holdMs / 3)
  return () => clearInterval(timer)
}
