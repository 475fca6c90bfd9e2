import type { Database } from './database.ts'
import { inOneBatch, type Statement } from './in-one-batch.ts'
import { auditEvent } from './schema/audit.ts'

/** One row of the audit trail. */
export type AuditRow = typeof auditEvent.$inferSelect

/** The statement that writes a row of the audit trail. It belongs into the transaction of the change that it tells of. */
export function writeAudit(db: Database, row: AuditRow): Statement {
  return db.insert(auditEvent).values(row)
}

/**
 * Makes a change and writes its row of the audit trail, in one transaction or not at all; answers the rows of each of the
 * change's own statements.
 */
export async function auditedBatch(db: Database, audit: AuditRow, statements: Statement[]): Promise<unknown[][]> {
  const results = await inOneBatch(db, [writeAudit(db, audit), ...statements])
  return results.slice(1)
}
