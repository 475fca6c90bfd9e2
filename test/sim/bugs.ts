/** Bugs that can be put into a history on purpose, to see that the simulation finds them. */
export const BUGS = [
  'delta-instead-of-absolute',
  'memory-before-storage',
  'no-grant-id',
  'settle-not-idempotent',
  'window-mismatch',
  'recall-ignores-holds',
  'owned-by-two',
  'refuse-without-freeze',
] as const

export type Bug = (typeof BUGS)[number]

/** Says which promise a history broke, and how. */
export class Violation extends Error {}
