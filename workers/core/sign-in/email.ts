/** RFC 5321, section 4.5.3.1: the longest path that mail can be sent to, without its brackets. */
const MAX_LENGTH = 254
const ADDRESS = /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/

/** An address as it is stored and looked up, or `undefined` for what is none. Upper and lower case are the same person. */
export function normalEmail(text: string): string | undefined {
  const email = text.normalize('NFC').trim().toLowerCase()
  return email.length <= MAX_LENGTH && ADDRESS.test(email) ? email : undefined
}
