import type { ProviderKey } from '../../providers/port.ts'

/** The one key of a provider that a request names, as clients of Bifrost do (governance contract 2.1), and the header it is named in. */
export type NamedKey = { header: string; by: 'id' | 'name'; text: string }

const HEADERS = [
  ['x-bf-api-key-id', 'id'],
  ['x-bf-api-key', 'name'],
] as const

/** Reads which key a request names, by its id before its name; `undefined` where it names none. */
export function namedKeyIn(headers: Headers): NamedKey | undefined {
  for (const [header, by] of HEADERS) {
    const text = headers.get(header)
    if (text) return { header, by, text }
  }
  return undefined
}

/** Whether a key may be taken by what a request names. It allows none that is not allowed else. */
export function isNamed(key: ProviderKey, named: NamedKey | undefined): boolean {
  return named === undefined || key[named.by] === named.text
}
