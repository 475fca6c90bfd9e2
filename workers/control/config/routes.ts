import { z } from 'zod'
import { ConfigObjectsInput } from '../../contracts/config-objects-input.ts'
import { listOf } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { ConfigObjectShape, ConfigObjectsQuery } from './config-object-shape.ts'
import { listConfigObjects } from './list-config-objects.ts'
import { markObjects } from './mark-objects.ts'

const all = { path: '/v1/config/objects', tag: 'Configuration' }

/** The routes of what configuration files have made. */
export const CONFIG_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', ...all, access: { scope: 'policies:read' } },
    operationId: 'listConfigObjects',
    summary: 'List what configuration files have made, with the hash of what they declared',
    query: ConfigObjectsQuery,
    responses: { 200: listOf(ConfigObjectShape) },
    handler: listConfigObjects,
  },
  {
    ...{ method: 'PUT', ...all, access: { scope: 'policies:write' } },
    operationId: 'markConfigObjects',
    summary: 'Say of objects that a configuration file declares them as they are, or no longer',
    body: ConfigObjectsInput,
    responses: { 200: z.object({ data: z.array(ConfigObjectShape) }) },
    handler: markObjects,
  },
]
