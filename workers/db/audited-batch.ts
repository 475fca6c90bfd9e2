import { sql } from 'drizzle-orm'
import { markChange } from './config-objects.ts'
import type { ConfigDb } from './database.ts'
import { inOneBatch, type Statement } from './in-one-batch.ts'
import { auditEvent } from './schema/audit.ts'
import { violates } from './violates.ts'

/** One row of the audit trail; with it, what is not kept there: the hash of the file that makes the change, and whether it is only tried. */
export type AuditRow = typeof auditEvent.$inferSelect & { configHash?: string | undefined; isTrial?: boolean }

/** Thrown where a change that was only tried would have been made. Nothing was written. */
export class TrialPassed extends Error {}

/** The statement that writes a row of the audit trail. It belongs into the transaction of the change that it tells of. */
export function writeAudit(db: ConfigDb, row: AuditRow): Statement {
  return db.insert(auditEvent).values(row)
}

const TAKEN_BACK = 'config_object.tenant_id'

// Written last, it takes back all that came before it, so that what the database refuses is seen too.
const takeBack = sql`INSERT INTO config_object (tenant_id, kind, object_id, config_hash, applied_ms)
  VALUES (NULL, 'trial', 'trial', ${'0'.repeat(64)}, 0)`

async function tryBatch(db: ConfigDb, statements: Statement[]): Promise<never> {
  await inOneBatch(db, [...statements, takeBack]).catch(thrown => {
    throw violates(thrown, TAKEN_BACK) ? new TrialPassed() : thrown
  })
  throw new TrialPassed()
}

/**
 * Makes a change and writes its row of the audit trail, in one transaction or not at all; answers the rows of each of the
 * change's own statements. Throws `TrialPassed` instead where it is only tried.
 */
export async function auditedBatch(db: ConfigDb, audit: AuditRow, statements: Statement[]): Promise<unknown[][]> {
  const said = [writeAudit(db, audit), ...markChange(db, audit)]
  if (audit.isTrial) return tryBatch(db, [...said, ...statements])
  const results = await inOneBatch(db, [...said, ...statements])
  return results.slice(said.length)
}
