const PREFIX = 'key_'
const ID = /^key_([0-9a-f-]{36})$/

/** An API key's id as callers see it. */
export function shownKeyId(id: string): string {
  return `${PREFIX}${id}`
}

/** The stored id behind a shown one; a text that is none names no key. */
export function storedKeyId(shown: string): string {
  return ID.exec(shown)?.[1] ?? ''
}
