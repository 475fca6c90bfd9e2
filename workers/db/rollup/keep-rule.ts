import { type Facet, PAIRS } from './facets.ts'

/** What is kept of a period: some facets always, some never, and others as long as all of them have no more rows than this for each event. */
export type KeepRule = { rowsPerEvent: number; always: readonly Facet[]; never: readonly Facet[] }

/** What is kept of a day while the events are there to be read. An hour and its day then write less than one row for each event. */
export const USUAL_DAY: KeepRule = { rowsPerEvent: 0.45, always: [], never: [] }

/** The same of an hour. Pairs of names would be about as many as there are events in it. */
export const USUAL_HOUR: KeepRule = { ...USUAL_DAY, never: PAIRS }

const FEW_NAMES: readonly Facet[] = ['model', 'team', 'feature', 'agent', 'key', 'entity_type']

/** What is kept of an hour whose events go to the archive: what has few names. */
export const SEALED_HOUR: KeepRule = { ...USUAL_HOUR, always: FEW_NAMES }

/** The same of a day. Left out at most are tags with about as many values as there are events, and combinations of names. */
export const SEALED_DAY: KeepRule = { ...USUAL_DAY, always: [...FEW_NAMES, 'user', 'entity'] }
