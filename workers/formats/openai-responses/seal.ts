/**
 * What a reasoning item's `encrypted_content` is. This wire has one place for what a client must give back unread, so two
 * of the three kinds are marked where they go to a client: thoughts that are hidden, and the signature of the call that
 * comes next. A vendor's own have no mark. Base64 has no dot, so none can be mistaken for another.
 */
export type Seal = { kind: 'signature' | 'redacted' | 'call'; data: string }

const MARKS = { redacted: 'redacted.', call: 'call.' } as const

/** The text that a client is given. */
export function printSeal({ kind, data }: Seal): string {
  return kind === 'signature' ? data : MARKS[kind] + data
}

/** What such a text was. */
export function parseSeal(text: string): Seal {
  for (const kind of ['redacted', 'call'] as const)
    if (text.startsWith(MARKS[kind])) return { kind, data: text.slice(MARKS[kind].length) }
  return { kind: 'signature', data: text }
}
