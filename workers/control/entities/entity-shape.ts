import { z } from 'zod'
import { Nano } from '../analytics/costs-shape.ts'
import { PeriodQuery } from '../analytics/usage-shape.ts'
import { PageQuery } from '../http/page.ts'

const count = z.int().min(0)
const time = z.iso.datetime()

/** What entities can be sorted by. */
export const ENTITY_ORDERS = ['total_cost', 'total_events', 'first_seen', 'last_seen', 'entity_id'] as const

/** The query of `GET /v1/entities`. */
export const EntitiesQuery = z.object({
  ...PageQuery.shape,
  ...PeriodQuery.shape,
  type: z.string().optional(),
  sort_by: z.enum(ENTITY_ORDERS).optional().meta({ description: 'total_cost unless said.' }),
  order: z.enum(['asc', 'desc']).optional().meta({ description: 'desc unless said, asc by entity_id.' }),
})

/** What a cost is of, such as a customer or a ticket: as callers name it in `x-entity-type` and `x-entity-id`. */
export const EntityShape = z.object({
  ...{ entity_type: z.string(), entity_id: z.string(), first_seen: time, last_seen: time },
  ...{ total_cost: z.number(), total_cost_nano: Nano, total_events: count, total_tokens: count },
})

/** An entity with what each model cost it, in dollars and in nano-dollars. */
export const EntityDetailShape = z.object({
  ...EntityShape.shape,
  cost_by_model: z.record(z.string(), z.number()),
  cost_by_model_nano: z.record(z.string(), Nano),
})
