const ID = /^([a-z]+)_([0-9a-f-]{36})$/

/** What a shown id is of: a member, an invitation, or an export. */
export type IdPrefix = 'mem' | 'inv' | 'exp'

/** An id as callers see it. */
export function shownId(prefix: IdPrefix, id: string): string {
  return `${prefix}_${id}`
}

/** The stored id behind a shown one; a text that is none names nothing. */
export function storedId(prefix: IdPrefix, shown: string | undefined): string {
  const [, found, id = ''] = ID.exec(shown ?? '') ?? []
  return found === prefix ? id : ''
}
