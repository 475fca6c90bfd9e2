import { z } from 'zod'
import { PLANS, REQUESTS_PER_MINUTE } from '../../core/access/plan.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { requireTenant } from './change-tenant.ts'

/** A plan and what it allows. */
export const PlanShape = z.object({
  plan: z.enum(PLANS),
  is_default: z.boolean().meta({ description: 'The tenant has none of its own: this is that of the deployment.' }),
  requests_per_minute: z.int(),
})

/** `GET /v1/tenant/plan`. Only the operator of the deployment changes it. */
export async function getPlan(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { plan: own } = await requireTenant(c.get('principal').tenantId, ports)
  const plan = own ?? ports.signIn.defaultPlan
  const data = { plan, is_default: own === null, requests_per_minute: REQUESTS_PER_MINUTE[plan] }
  return c.json({ data } satisfies { data: z.input<typeof PlanShape> })
}
