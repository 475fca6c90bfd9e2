import { GatewayError } from '../../errors/gateway-error.ts'
import { isSameText } from '../http/is-same-text.ts'
import { presentedKey } from '../http/presented-key.ts'
import type { ControlPorts } from '../ports.ts'
import { credentialInvalid, credentialMissing } from './unauthorized.ts'

/** Lets the setup token pass. Throws `key_missing`, `key_invalid`, and `not_found` where the deployment has no such token. */
export async function checkSetupToken(request: Request, ports: ControlPorts): Promise<void> {
  if (!ports.setupToken) throw new GatewayError('not_found', 'Setup is not open on this server.')
  const secret = presentedKey(request)
  if (secret === undefined) throw credentialMissing()
  if (!(await isSameText(secret, ports.setupToken))) throw credentialInvalid('This is not the setup token.')
}
