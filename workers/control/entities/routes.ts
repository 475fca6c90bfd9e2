import { PeriodQuery } from '../analytics/usage-shape.ts'
import { listOf } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { EntitiesQuery, EntityDetailShape, EntityShape } from './entity-shape.ts'
import { getEntity } from './get-entity.ts'
import { listEntities } from './list-entities.ts'

const tag = 'Entities'
const access = { scope: 'analytics:read' } as const

/** What costs were of. */
export const ENTITY_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', path: '/v1/entities', tag, access },
    operationId: 'listEntities',
    summary: 'List what costs were of, such as customers and tickets',
    query: EntitiesQuery,
    responses: { 200: listOf(EntityShape) },
    handler: listEntities,
  },
  {
    ...{ method: 'GET', path: '/v1/entities/:type/:id', tag, access },
    operationId: 'getEntity',
    summary: 'Get one that costs were of, with what each model cost it',
    query: PeriodQuery,
    responses: { 200: EntityDetailShape },
    handler: getEntity,
  },
]
