import { EventShape, ExplainedEventShape } from '../events/event-shape.ts'
import { listOf } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { getMe } from './get-me.ts'
import { getKeyEvent, KeyEventsQuery, listKeyEvents } from './key-events.ts'
import { getKeyUsage, KeyUsageQuery, KeyUsageShape } from './key-usage.ts'
import { MeShape } from './me-shape.ts'

const tag = 'Self-service'
const ofKey = { access: 'virtual_key', isAboutKey: true } as const

/** Who the caller is, and what a virtual key may see of itself. */
export const ME_ROUTES: readonly RouteSpec[] = [
  {
    method: 'GET',
    path: '/v1/me',
    operationId: 'getMe',
    summary: 'Who you are, for which tenant, and what you may do',
    tag: 'Sign-in',
    access: 'signed_in',
    responses: { 200: MeShape },
    handler: getMe,
  },
  {
    ...{ method: 'GET', path: '/v1/me/usage', tag, ...ofKey, query: KeyUsageQuery },
    operationId: 'getKeyUsage',
    summary: 'How the presented virtual key stands, and what it has spent; it opens this itself',
    responses: { 200: KeyUsageShape },
    handler: getKeyUsage,
  },
  {
    ...{ method: 'GET', path: '/v1/me/events', tag, ...ofKey, query: KeyEventsQuery },
    operationId: 'listKeyEvents',
    summary: 'List usage events of the presented virtual key, the newest first; it opens this itself',
    responses: { 200: listOf(EventShape) },
    handler: listKeyEvents,
  },
  {
    ...{ method: 'GET', path: '/v1/me/events/:id', tag, ...ofKey },
    operationId: 'getKeyEvent',
    summary: 'Get a usage event of the presented virtual key; it opens this itself',
    responses: { 200: ExplainedEventShape },
    handler: getKeyEvent,
  },
]
