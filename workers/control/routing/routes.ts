import { z } from 'zod'
import { ProviderDescription, RouteExplanation, RouteQuestion } from '../../contracts/route-question.ts'
import { listOf, PageQuery } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { explainTenantRoute } from './explain-route.ts'
import { listRoutable } from './list-routable.ts'

const tag = 'Routing'

/** The routes that tell how requests are routed. The data plane answers them to who shows a virtual key. */
export const ROUTING_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'POST', path: '/v1/route', tag, operationId: 'explainRoute', access: { scope: 'policies:read' } },
    summary: 'How a request would be routed, without sending it; a virtual key may ask for itself',
    isQuestion: true,
    body: RouteQuestion,
    responses: { 200: z.object({ data: RouteExplanation }) },
    handler: explainTenantRoute,
  },
  {
    ...{ method: 'GET', path: '/v1/providers', tag, operationId: 'listRoutable', access: { scope: 'providers:read' } },
    summary: 'Providers with models, prices, regions and health; a virtual key sees what it may use',
    query: PageQuery,
    responses: { 200: listOf(ProviderDescription) },
    handler: listRoutable,
  },
]
