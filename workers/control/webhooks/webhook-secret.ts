import { randomBytes } from 'node:crypto'
import { type WebhookRef, webhookSealOwner } from '../../core/webhooks/webhook-ref.ts'
import type { ControlPorts } from '../ports.ts'

/** The secret that was asked for, or a new one, as text to be shown once and as it is stored. */
export async function makeSecret(asked: string | null | undefined, ref: WebhookRef, ports: ControlPorts) {
  const secret = asked ?? `whsec_${randomBytes(32).toString('base64url')}`
  return { secret, secretSealed: await ports.signIn.seal(secret, webhookSealOwner(ref)) }
}
