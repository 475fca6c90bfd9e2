/** A record that has only those fields that were given: `exactOptionalPropertyTypes` knows no field of `undefined`. */
export type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The same record without its `undefined` fields. */
export function given<T extends Record<string, unknown>>(all: T): Given<T> {
  // The cast holds: what is left has the type it had, and is not undefined.
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Given<T>
}
