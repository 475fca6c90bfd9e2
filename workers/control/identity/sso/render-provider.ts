import { z } from 'zod'
import { ROLES } from '../../../core/access/role.ts'
import { SSO_ALGORITHMS } from '../../../core/sign-in/key-set.ts'
import type { ProviderRow } from '../../../db/find-providers.ts'

const role = z.enum(ROLES)
const time = z.iso.datetime()

/** A provider as the API shows it. It has no secret: Weir checks what it signs, and asks it for nothing else. */
export const SsoProviderShape = z.object({
  id: z.string().regex(/^sso_/),
  name: z.string(),
  issuer: z.string(),
  audience: z.string(),
  jwks_uri: z.string().nullable(),
  algorithms: z.array(z.enum(SSO_ALGORITHMS)),
  email_claim: z.string(),
  role_claim: z.string().nullable(),
  role_mapping: z.record(z.string(), role),
  default_role: role.nullable(),
  jit_provisioning: z.boolean(),
  keys_read_at: time.nullable().meta({ description: 'When its keys were last read.' }),
  created_at: time,
  updated_at: time,
})

const ID = /^sso_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** The stored id behind a shown one; a text that is none names no provider. */
export function storedProviderId(shown: string): string {
  return ID.exec(shown)?.[1] ?? ''
}

const isoTime = (ms: number) => new Date(ms).toISOString()

/** A provider as the API shows it. */
export function renderProvider(row: ProviderRow): z.input<typeof SsoProviderShape> {
  const { id, name, issuer, audience, algorithms } = row
  return {
    ...{ id: `sso_${id}`, name, issuer, audience, jwks_uri: row.jwksUri, algorithms },
    ...{ email_claim: row.emailClaim, role_claim: row.roleClaim, role_mapping: row.roleMapping },
    ...{ default_role: row.defaultRole, jit_provisioning: row.makesMembers },
    keys_read_at: row.keySetMs === null ? null : isoTime(row.keySetMs),
    ...{ created_at: isoTime(row.createdMs), updated_at: isoTime(row.updatedMs) },
  }
}
