import { z } from 'zod'
import { PLANS } from '../../core/access/plan.ts'
import type { TenantRow } from '../../db/find-tenant.ts'
import { NewInvitationShape } from '../tenant/member-shape.ts'

const time = z.iso.datetime()

/** A tenant as the operator sees it: nothing of what it holds. */
export const AdminTenantShape = z.object({
  id: z.string(),
  name: z.string().meta({ description: "The operator's word for it." }),
  display_name: z.string().nullable(),
  plan: z.enum(PLANS).nullable(),
  status: z.enum(['active', 'suspended']),
  suspended_at: time.nullable(),
  created_at: time,
  shard: z.int().min(0).meta({ description: 'Which database its events are in.' }),
})

/** The answer to the making of one: the invitation of its owner holds the only copy of its token. */
export const NewTenantShape = z.object({ ...AdminTenantShape.shape, invitation: NewInvitationShape })

/** A tenant as the operator's routes show it. */
export function renderAdminTenant(row: TenantRow): z.input<typeof AdminTenantShape> {
  return {
    id: row.id,
    name: row.name,
    display_name: row.displayName,
    plan: row.plan,
    status: row.suspendedMs === null ? 'active' : 'suspended',
    suspended_at: row.suspendedMs === null ? null : new Date(row.suspendedMs).toISOString(),
    created_at: new Date(row.createdMs).toISOString(),
    shard: row.shard,
  }
}
