import { AI } from './endpoints/ai.mjs'
import { COST } from './endpoints/cost.mjs'
import { COSTS } from './endpoints/costs.mjs'
import { ENTITIES } from './endpoints/entities.mjs'
import { EVENTS } from './endpoints/events.mjs'
import { USAGE } from './endpoints/usage.mjs'

/**
 * Every question that is measured and held against what was generated. `query` is beside the range of time and `filter`, whose
 * fields are those of `fields.mjs`. `checks`: what of an answer is which sums. A new route is a line in one of these files.
 */
export const ENDPOINTS = [...COSTS, ...USAGE, ...ENTITIES, ...COST, ...AI, ...EVENTS]
