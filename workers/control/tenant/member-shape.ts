import { z } from 'zod'
import { ROLES } from '../../core/access/role.ts'
import type { InvitationRow } from '../../db/find-invitations.ts'
import type { ListedMember } from '../../db/find-members.ts'
import { shownUserId } from '../auth/auth-shape.ts'
import { shownId } from '../http/prefixed-id.ts'

const time = z.iso.datetime()
const isoTime = (ms: number) => new Date(ms).toISOString()

/** A member of a tenant. */
export const MemberShape = z.object({
  id: z.string().regex(/^mem_/),
  user_id: z.string().regex(/^usr_/),
  email: z.string(),
  name: z.string().nullable().meta({ description: 'As this one said in this tenant.' }),
  role: z.enum(ROLES),
  status: z.enum(['active', 'suspended']),
  created_at: time,
  updated_at: time,
})

/** A member as the API shows it. */
export function renderMember(row: ListedMember): z.input<typeof MemberShape> {
  return {
    id: shownId('mem', row.id),
    user_id: shownUserId(row.userId),
    email: row.email,
    name: row.name,
    role: row.role,
    status: row.status,
    created_at: isoTime(row.createdMs),
    updated_at: isoTime(row.updatedMs),
  }
}

/** An invitation as lists show it: never its token. */
export const InvitationShape = z.object({
  id: z.string().regex(/^inv_/),
  email: z.string(),
  role: z.enum(ROLES),
  created_by: z.string(),
  created_at: time,
  expires_at: time,
  is_expired: z.boolean(),
})

/** The answer to the making of one, the only one that holds its token. */
export const NewInvitationShape = z.object({ ...InvitationShape.shape, token: z.string() })

/** An invitation as the API shows it. */
export function renderInvitation(row: InvitationRow, nowMs: number): z.input<typeof InvitationShape> {
  return {
    id: shownId('inv', row.id),
    email: row.email,
    role: row.role,
    created_by: row.createdBy,
    created_at: isoTime(row.createdMs),
    expires_at: isoTime(row.expiresMs),
    is_expired: row.expiresMs <= nowMs,
  }
}
