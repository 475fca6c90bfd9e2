import type { RouteSpec } from '../http/route-spec.ts'
import { EventsQuery, EventsShape, ExplainedEventShape } from './event-shape.ts'
import { getEvent } from './get-event.ts'
import { listEvents } from './list-events.ts'

const tag = 'Events'
const access = { scope: 'events:read' } as const

/** The record of what was used. */
export const EVENT_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', path: '/v1/events', tag, access },
    operationId: 'listEvents',
    summary: 'List usage events, the newest first',
    query: EventsQuery,
    responses: { 200: EventsShape },
    handler: listEvents,
  },
  {
    ...{ method: 'GET', path: '/v1/events/:id', tag, access },
    operationId: 'getEvent',
    summary: 'Get a usage event, and how its charge came about',
    responses: { 200: ExplainedEventShape },
    handler: getEvent,
  },
]
