import { type SQL, sql } from 'drizzle-orm'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { TenantRow } from './find-tenant.ts'
import type { Statement } from './in-one-batch.ts'
import { adminKey } from './schema/sign-in.ts'
import { member, tenant, user } from './schema/tenancy.ts'
import { violates } from './violates.ts'

/** The first owner of a tenant. */
export type NewOwner = { user: typeof user.$inferInsert; member: typeof member.$inferInsert }

/** A new key of the management API, and its tenant and that one's owner where they are new too. `isFirst`: no other may come before. */
export type NewAdminKey = {
  row: typeof adminKey.$inferSelect
  newTenant: TenantRow | undefined
  owner: NewOwner | undefined
  isFirst: boolean
}

/** What came of it. `done`: the deployment was set up before. Nothing is written unless `saved`. */
export type AdminKeySaved = 'saved' | 'name_taken' | 'email_taken' | 'done'

// That a deployment was set up is written by whoever makes its first tenant, and once.
function noteSetup({ row: { tenantId, createdMs }, isFirst }: NewAdminKey): SQL {
  const values = sql`INTO setup_state (id, tenant_id, done_ms) VALUES (1, ${tenantId}, ${createdMs})`
  return isFirst ? sql`INSERT ${values}` : sql`INSERT OR IGNORE ${values}`
}

function statements(db: ConfigDb, made: NewAdminKey): Statement[] {
  const { row, newTenant, owner } = made
  const tenants = newTenant ? [db.insert(tenant).values(newTenant)] : []
  const owners = owner ? [db.insert(user).values(owner.user), db.insert(member).values(owner.member)] : []
  return [...tenants, noteSetup(made), ...owners, db.insert(adminKey).values(row)]
}

/** Adds an admin key, with what is new beside it. */
export async function saveAdminKey(db: ConfigDb, made: NewAdminKey, audit: AuditRow): Promise<AdminKeySaved> {
  try {
    await auditedBatch(db, audit, statements(db, made))
    return 'saved'
  } catch (thrown) {
    if (violates(thrown, 'setup_state.id')) return 'done'
    if (violates(thrown, 'tenant.name')) return 'name_taken'
    if (violates(thrown, 'user.email')) return 'email_taken'
    throw thrown
  }
}
