import { z } from 'zod'
import {
  NewTenantInput,
  PlaceInput,
  PlanInput,
  RecomputeInput,
  StatusInput,
} from '../../contracts/admin-tenant-input.ts'
import { listOf, PageQuery } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { AdminTenantShape, NewTenantShape } from './admin-tenant-shape.ts'
import { listTenants, setPlan, setStatus } from './change-tenants.ts'
import { createTenant } from './create-tenant.ts'
import { getPlace, moveTenant, PlaceShape } from './move-tenant.ts'
import { getRollups, RollupsShape, recomputeTenant } from './recompute-rollups.ts'

const operator = { tag: 'Operator', access: 'setup_token' } as const
const shown = z.object({ data: AdminTenantShape })
const place = z.object({ data: PlaceShape })
const rollups = z.object({ data: RollupsShape })

/** What only the operator of a deployment may do: make tenants, set their plans, suspend them. */
export const ADMIN_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', path: '/v1/admin/tenants', ...operator },
    operationId: 'listTenants',
    summary: 'List all tenants, the oldest first',
    query: PageQuery,
    responses: { 200: listOf(AdminTenantShape) },
    handler: listTenants,
  },
  {
    ...{ method: 'POST', path: '/v1/admin/tenants', ...operator },
    operationId: 'createTenant',
    summary: 'Make a tenant, and an invitation for its owner',
    body: NewTenantInput,
    responses: { 201: z.object({ data: NewTenantShape }) },
    handler: createTenant,
  },
  {
    ...{ method: 'PUT', path: '/v1/admin/tenants/:id/plan', ...operator },
    operationId: 'setPlan',
    summary: "Set a tenant's plan",
    body: PlanInput,
    responses: { 200: shown },
    handler: setPlan,
  },
  {
    ...{ method: 'PUT', path: '/v1/admin/tenants/:id/status', ...operator },
    operationId: 'setStatus',
    summary: 'Suspend a tenant, or let it in again',
    body: StatusInput,
    responses: { 200: shown },
    handler: setStatus,
  },
  {
    ...{ method: 'GET', path: '/v1/admin/tenants/:id/rollups', ...operator },
    operationId: 'getRollups',
    summary: "How much of a tenant's sums waits to be made",
    query: RecomputeInput,
    responses: { 200: rollups },
    handler: getRollups,
  },
  {
    ...{ method: 'POST', path: '/v1/admin/tenants/:id/rollups', ...operator },
    operationId: 'recomputeRollups',
    summary: "Have a tenant's sums made anew from its events",
    body: RecomputeInput,
    responses: { 202: rollups },
    handler: recomputeTenant,
  },
  {
    ...{ method: 'GET', path: '/v1/admin/tenants/:id/shard', ...operator },
    operationId: 'getShard',
    summary: "Show which database a tenant's events are in",
    responses: { 200: place },
    handler: getPlace,
  },
  {
    ...{ method: 'PUT', path: '/v1/admin/tenants/:id/shard', ...operator },
    operationId: 'moveTenant',
    summary: "Have a tenant's events moved to another database",
    body: PlaceInput,
    responses: { 200: place, 202: place },
    handler: moveTenant,
  },
]
