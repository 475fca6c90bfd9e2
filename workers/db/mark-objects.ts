import { type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import { type ConfigObjectRow, markObject } from './config-objects.ts'
import type { ConfigDb } from './database.ts'
import { isLive } from './live-objects.ts'
import { configObject } from './schema/config.ts'

/** Names an object that a file can declare. */
export type ObjectPath = Pick<ConfigObjectRow, 'kind' | 'objectId'>

/** Names objects of a tenant. */
export type Marked = { tenantId: TenantId; objects: ObjectPath[] }

// In one parameter, since a statement takes only a hundred.
function named({ objects }: Marked): SQL {
  return sql`(SELECT value FROM json_each(${JSON.stringify(objects.map(({ kind, objectId }) => `${kind} ${objectId}`))}))`
}

function isAmong(marked: Marked): SQL {
  const name = sql`${configObject.kind} || ' ' || ${configObject.objectId}`
  return sql`${configObject.tenantId} = ${marked.tenantId} AND ${name} IN ${named(marked)}`
}

/** What is known of these objects. */
export async function findMarks(db: ConfigDb, marked: Marked): Promise<ConfigObjectRow[]> {
  return db.select().from(configObject).where(isAmong(marked))
}

/** The first of these objects that the tenant does not have, or `undefined`. */
export async function findMissing(db: ConfigDb, { tenantId, objects }: Marked): Promise<ObjectPath | undefined> {
  const names = sql`SELECT value->>'kind' AS kind, value->>'objectId' AS objectId FROM json_each(${JSON.stringify(objects)})`
  const live = isLive(tenantId, { kind: sql`asked.kind`, id: sql`asked.objectId` })
  const [missing] = await db.all<ObjectPath>(
    sql`SELECT kind, objectId FROM (${names}) AS asked WHERE NOT (${live}) LIMIT 1`,
  )
  return missing
}

/** Forgets all of `marked` and writes `rows` down, in one transaction. */
export async function saveMarks(
  db: ConfigDb,
  { marked, rows, audit }: { marked: Marked; rows: ConfigObjectRow[]; audit: AuditRow },
): Promise<void> {
  const forget = db.delete(configObject).where(isAmong(marked))
  await auditedBatch(db, audit, [forget, ...rows.map(row => markObject(db, row))])
}
