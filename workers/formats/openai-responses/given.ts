/** The same members, but those that were `undefined` may be absent. */
type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** The members that are not `undefined`. */
export function given<T extends object>(members: T): Given<T> {
  // Holds: what is `undefined` is left out, all else is as it was.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>
}
