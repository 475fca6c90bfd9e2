import { z } from 'zod'
import { PLANS } from '../../core/access/plan.ts'
import { ROLES } from '../../core/access/role.ts'
import { SCOPES, type Scope } from '../../core/access/scope.ts'

const role = z.enum(ROLES)

/** Who the caller is: the account as InfraPrism's clients know it, and what Weir knows beyond. */
export const MeShape = z.object({
  id: z.string(),
  email: z.string().nullable().meta({ description: 'Of a user; null for keys and services.' }),
  name: z.string().nullable().meta({ description: 'Of a user who signed in with a password.' }),
  company: z.string().meta({ description: 'The name of the tenant.' }),
  plan: z.enum(PLANS),
  created_at: z.iso.datetime().meta({ description: 'When the user, its membership, or else the tenant, was made.' }),
  tenant_id: z.uuid(),
  principal: z.object({ kind: z.string(), id: z.string(), role }),
  scopes: z.array(z.enum(SCOPES as readonly [Scope, ...Scope[]])),
  tenants: z
    .array(z.object({ id: z.uuid(), name: z.string(), role }))
    .meta({ description: 'Those that X-Active-Tenant-Id may name with this credential.' }),
})
