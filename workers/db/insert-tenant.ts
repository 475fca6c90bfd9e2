import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { InvitationRow } from './find-invitations.ts'
import type { TenantRow } from './find-tenant.ts'
import { writeInvitation } from './save-invitation.ts'
import { tenant } from './schema/tenancy.ts'
import { violates } from './violates.ts'

/** Adds a tenant, and the invitation of its owner. `false`: there is one of that name; nothing is written. */
export async function insertTenant(
  db: ConfigDb,
  made: { row: TenantRow; invitation: InvitationRow },
  audit: AuditRow,
): Promise<boolean> {
  try {
    await auditedBatch(db, audit, [db.insert(tenant).values(made.row), ...writeInvitation(db, made.invitation)])
    return true
  } catch (thrown) {
    if (violates(thrown, 'tenant.name')) return false
    throw thrown
  }
}
