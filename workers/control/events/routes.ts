import { ReportInput } from '../../contracts/event-input.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { EventsQuery, EventsShape, ExplainedEventShape, ReportedShape } from './event-shape.ts'
import { getEvent } from './get-event.ts'
import { listEvents } from './list-events.ts'
import { postEvents } from './post-events.ts'

const tag = 'Events'
const access = { scope: 'events:read' } as const

/** The record of what was used. */
export const EVENT_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', path: '/v1/events', tag, access },
    operationId: 'listEvents',
    summary: 'List usage events, the newest first; those that are archived are in exports alone',
    query: EventsQuery,
    responses: { 200: EventsShape },
    handler: listEvents,
  },
  {
    ...{ method: 'POST', path: '/v1/events', tag, access: { scope: 'events:write' } },
    operationId: 'reportEvents',
    summary: 'Report calls that did not pass through the gateway',
    body: ReportInput,
    responses: { 200: ReportedShape, 201: ReportedShape, 409: 'One of them was reported before with other content.' },
    handler: postEvents,
  },
  {
    ...{ method: 'GET', path: '/v1/events/:id', tag, access },
    operationId: 'getEvent',
    summary: 'Get a usage event, and how its charge came about',
    responses: { 200: ExplainedEventShape },
    handler: getEvent,
  },
]
