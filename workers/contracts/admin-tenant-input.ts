import { z } from 'zod'
import { PLANS } from '../core/access/plan.ts'
import { EmailInput } from './member-input.ts'

const plan = z.enum(PLANS).nullable()

/** The body of `POST /v1/admin/tenants`. */
export const NewTenantInput = z.object({
  name: z.string().trim().min(1).max(255),
  owner_email: EmailInput,
  plan: plan.default(null),
})
export type NewTenantInput = z.infer<typeof NewTenantInput>

/** The body of `PUT /v1/admin/tenants/:id/plan`; `null` is the plan of the deployment. */
export const PlanInput = z.object({ plan })

/** The body of `PUT /v1/admin/tenants/:id/status`. */
export const StatusInput = z.object({ status: z.enum(['active', 'suspended']) })

/** The body of `POST /v1/admin/tenants/:id/rollups`: from when and until when, as in the queries of lists. */
export const RecomputeInput = z.strictObject({ start_date: z.string().min(1), end_date: z.string().min(1) })

/** The body of `PUT /v1/admin/tenants/:id/shard`. */
export const PlaceInput = z.strictObject({ shard: z.int().min(0).max(99) })
