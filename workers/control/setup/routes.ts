import { z } from 'zod'
import { SetupInput } from '../../contracts/setup-input.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { setUp } from './set-up.ts'

const data = z.object({ tenant_id: z.uuid(), tenant_name: z.string(), admin_key: z.string() })

/** What makes the first tenant of a deployment. */
export const SETUP_ROUTES: readonly RouteSpec[] = [
  {
    method: 'POST',
    path: '/v1/setup',
    operationId: 'setUp',
    summary: 'Make the first tenant, its owner and an admin key, once',
    tag: 'Setup',
    access: 'setup_token',
    body: SetupInput,
    responses: { 200: z.object({ data }), 201: z.object({ data }) },
    handler: setUp,
  },
]
