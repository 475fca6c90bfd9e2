import type { Principal } from '../../core/access/principal.ts'
import type { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts } from '../ports.ts'

/** What a verifier may look at. `secret` is what was presented as a bearer or as `x-api-key`; a signed request has none. */
export type RequestFacts = { request: Request; secret: string | undefined; nowMs: number; requestId: string }

/** `not_mine`: this is no credential of the kind that the verifier knows, and the next one shall look. */
export type Verdict =
  | { kind: 'principal'; principal: Principal }
  | { kind: 'refused'; error: GatewayError }
  | { kind: 'not_mine' }

/** Recognises one kind of credential. The first of the list that does not say `not_mine` decides. */
export type Verifier = (facts: RequestFacts, ports: ControlPorts) => Promise<Verdict>

/** The verdict on a credential that is of the verifier's kind, and not good. */
export function refused(error: GatewayError): Verdict {
  return { kind: 'refused', error }
}

/** The verdict of a verifier that does not know this kind of credential. */
export const NOT_MINE: Verdict = { kind: 'not_mine' }
