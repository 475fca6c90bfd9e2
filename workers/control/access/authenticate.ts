import type { Principal } from '../../core/access/principal.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts } from '../ports.ts'
import { credentialInvalid, credentialMissing } from './unauthorized.ts'
import type { RequestFacts } from './verifier.ts'
import { VERIFIERS } from './verifiers.ts'

async function refuse({ secret }: RequestFacts, ports: ControlPorts): Promise<never> {
  if (secret === undefined) throw credentialMissing()
  if (await ports.readKey('virtual', secret)) {
    throw new GatewayError('admin_required', 'A virtual key opens the data plane only; present an admin key.')
  }
  throw credentialInvalid('This is not a valid credential of the management API.')
}

/** Who a request is by. Throws `key_missing`, `key_invalid`, and `admin_required` for a virtual key. */
export async function authenticate(facts: RequestFacts, ports: ControlPorts): Promise<Principal> {
  for (const verify of VERIFIERS) {
    const verdict = await verify(facts, ports)
    if (verdict.kind === 'principal') return verdict.principal
    if (verdict.kind === 'refused') throw verdict.error
  }
  return refuse(facts, ports)
}
