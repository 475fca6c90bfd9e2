import type { KeyRef } from './key-text.ts'

/** A key whose checksum holds, and the hash that must be the one stored of it. */
export type PresentedKey = { ref: KeyRef; hash: string }

/** As many texts are remembered; the oldest makes room. */
const MAX_REMEMBERED = 10_000

/**
 * Reads key texts as `read` does, each good one once: what a text says of itself never changes, and whether it is still good is
 * for its snapshot to say. Bad ones are not remembered, since callers could make up any number of them.
 */
export function rememberedKeys(
  read: (text: string) => PresentedKey | undefined,
): (text: string) => PresentedKey | undefined {
  const known = new Map<string, PresentedKey>()
  return text => {
    const before = known.get(text)
    if (before) return before
    const key = read(text)
    if (!key) return undefined
    const [oldest] = known.keys()
    if (known.size >= MAX_REMEMBERED && oldest !== undefined) known.delete(oldest)
    known.set(text, key)
    return key
  }
}
