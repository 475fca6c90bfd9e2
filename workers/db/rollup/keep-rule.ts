import type { Facet } from './facets.ts'

/** What is kept of a period: these facets always, and others as long as all of them have no more rows than this for each event. */
export type KeepRule = { rowsPerEvent: number; always: readonly Facet[] }

/** What is kept while the events are there to be read. An hour and its day then write less than one row for each event. */
export const USUAL: KeepRule = { rowsPerEvent: 0.45, always: [] }

/** What is kept of an hour whose events go to the archive: what has few names. */
export const SEALED_HOUR: KeepRule = { ...USUAL, always: ['model', 'team', 'feature', 'agent', 'key'] }

/** The same of a day. Left out at most are tags with about as many values as there are events, and combinations of names. */
export const SEALED_DAY: KeepRule = { ...SEALED_HOUR, always: [...SEALED_HOUR.always, 'user', 'entity'] }
