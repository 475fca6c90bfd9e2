import { agentSealOwner, serviceSealOwner } from '../../core/sign-in/service-key.ts'
import { type AgentCredentialRow, resealAgentCredential } from '../../db/agent-credentials.ts'
import { resealServiceCredential, type ServiceCredentialRow } from '../../db/service-credentials.ts'
import type { ControlPorts } from '../ports.ts'

/** The secret of a partner's credential; `undefined` where it does not open. */
export async function openServiceSecret(row: ServiceCredentialRow, ports: ControlPorts): Promise<string | undefined> {
  const owner = serviceSealOwner(row)
  const secret = await ports.signIn.open(row.secretSealed, owner)
  const resealed = secret && (await ports.signIn.reseal?.(row.secretSealed, owner))
  // It opened: that it cannot be written down anew is no reason to refuse.
  if (resealed) await resealServiceCredential(ports.db, row, resealed).catch(() => undefined)
  return secret
}

/** The same of an agent's credential. */
export async function openAgentSecret(row: AgentCredentialRow, ports: ControlPorts): Promise<string | undefined> {
  const owner = agentSealOwner(row)
  const secret = await ports.signIn.open(row.secretSealed, owner)
  const resealed = secret && (await ports.signIn.reseal?.(row.secretSealed, owner))
  if (resealed) await resealAgentCredential(ports.db, row, resealed).catch(() => undefined)
  return secret
}
