import { z } from 'zod'
import { LimitInput, LimitUpdate } from '../../contracts/limit-input.ts'
import { listOf } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { createLimit } from './create-limit.ts'
import { deleteLimit } from './delete-limit.ts'
import { getLimit } from './get-limit.ts'
import { LimitShape, LimitsQuery } from './limit-shape.ts'
import { listLimits } from './list-limits.ts'
import { updateLimit } from './update-limit.ts'

const all = { path: '/v1/limits', tag: 'Limits' }
const one = { path: '/v1/limits/:id', tag: 'Limits' }
const read = { scope: 'limits:read' } as const
const write = { scope: 'limits:write' } as const
const shown = z.object({ data: LimitShape })

/** The routes of limits on scopes above the virtual key. */
export const LIMIT_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'POST', ...all, access: write },
    operationId: 'createLimit',
    summary: 'Put a limit on a scope',
    body: LimitInput,
    responses: { 201: shown },
    hasEtag: true,
    handler: createLimit,
  },
  {
    ...{ method: 'GET', ...all, access: read },
    operationId: 'listLimits',
    summary: 'List limits above the virtual key, the oldest first',
    query: LimitsQuery,
    responses: { 200: listOf(LimitShape) },
    handler: listLimits,
  },
  {
    ...{ method: 'GET', ...one, access: read },
    operationId: 'getLimit',
    summary: 'Get a limit with its usage',
    responses: { 200: shown },
    hasEtag: true,
    handler: getLimit,
  },
  {
    ...{ method: 'PUT', ...one, access: write },
    operationId: 'updateLimit',
    summary: 'Change what the body names of a limit',
    body: LimitUpdate,
    responses: { 200: shown },
    hasEtag: true,
    handler: updateLimit,
  },
  {
    ...{ method: 'DELETE', ...one, access: write },
    operationId: 'deleteLimit',
    summary: 'Take a limit away',
    responses: { 204: 'The limit is gone.' },
    hasEtag: true,
    handler: deleteLimit,
  },
]
