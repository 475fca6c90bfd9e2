import { referredTo } from '../../core/key/account-secret.ts'

const MASK = '****'
/** Of shorter secrets four characters would be too much. */
const MIN_CHARS = 12

/** What is shown of a secret: its last four characters where it is long enough. A reference is none, and shown. */
export function maskSecret(secret: string): string {
  if (referredTo(secret)) return secret
  return secret.length < MIN_CHARS ? MASK : MASK + secret.slice(-4)
}

/** Whether a text is what is shown in the place of secrets. */
export function isMask(text: string): boolean {
  return text.startsWith(MASK)
}
