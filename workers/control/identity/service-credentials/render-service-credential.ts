import { z } from 'zod'
import { ROLES } from '../../../core/access/role.ts'
import { SCOPES, type Scope } from '../../../core/access/scope.ts'
import { shownServiceId } from '../../../core/sign-in/service-key.ts'
import type { ServiceCredentialRow } from '../../../db/service-credentials.ts'

/** A service credential as lists show it: never its secret. */
export const ServiceCredentialShape = z.object({
  id: z.string().regex(/^svc_/).meta({ description: 'The `kid` of its tokens.' }),
  name: z.string(),
  issuer: z.string(),
  role: z.enum(ROLES),
  scopes: z.array(z.enum(SCOPES as readonly [Scope, ...Scope[]])),
  created_by: z.string(),
  created_at: z.iso.datetime(),
})

/** The answer to the creation of one, the only one that holds its secret. */
export const NewServiceCredentialShape = z.object({ ...ServiceCredentialShape.shape, secret: z.string() })

/** A service credential as the API shows it. */
export function renderServiceCredential(row: ServiceCredentialRow): z.input<typeof ServiceCredentialShape> {
  const { name, issuer, role, scopes, createdBy: created_by } = row
  const created_at = new Date(row.createdMs).toISOString()
  return { id: shownServiceId(row.id), name, issuer, role, scopes, created_by, created_at }
}
