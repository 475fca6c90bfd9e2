import type { Patience } from '../../core/snapshot.ts'
import type { AdmittedCall } from '../call.ts'
import type { GatewaySettings } from '../ports.ts'

/**
 * How long a provider is waited for: as the request or its key says, else as the provider's account does. Between chunks the
 * deployment's own limit is the last word.
 */
export function patienceOf(
  { reliability, route }: AdmittedCall,
  settings: Pick<GatewaySettings, 'idleMs'>,
): Pick<Patience, 'firstTokenMs' | 'answerMs'> & { idleMs: number } {
  const { patience } = route.provider
  return {
    firstTokenMs: reliability.firstTokenMs ?? patience?.firstTokenMs ?? null,
    answerMs: reliability.answerMs ?? patience?.answerMs ?? null,
    idleMs: reliability.idleMs ?? patience?.idleMs ?? settings.idleMs,
  }
}
