import type { Patience } from '../../core/snapshot.ts'
import type { AdmittedCall } from '../call.ts'

/** How long a provider is waited for: as the request or its key says, else as the provider's account does. */
export function patienceOf({ reliability, route }: AdmittedCall): Pick<Patience, 'firstTokenMs' | 'answerMs'> {
  const { patience } = route.provider
  return {
    firstTokenMs: reliability.firstTokenMs ?? patience?.firstTokenMs ?? null,
    answerMs: reliability.answerMs ?? patience?.answerMs ?? null,
  }
}
