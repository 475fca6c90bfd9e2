import { and, desc, eq, lte } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { pricebookVersion } from './schema/pricebook.ts'
import { selectPage } from './select-page.ts'

/** A row of `pricebook_version`. */
export type VersionRow = typeof pricebookVersion.$inferSelect

const of = (tenantId: TenantId) => eq(pricebookVersion.tenantId, tenantId)

/** A tenant's version by its id, or `undefined`: none, or another tenant's. */
export async function findVersion(
  db: ConfigDb,
  { tenantId, id }: { tenantId: TenantId; id: string },
): Promise<VersionRow | undefined> {
  const [row] = await db
    .select()
    .from(pricebookVersion)
    .where(and(of(tenantId), eq(pricebookVersion.id, id)))
  return row
}

/** The version of a tenant's that is, was or will be in force at an instant, by what is known now. */
export async function findVersionAt(
  db: ConfigDb,
  { tenantId, atMs }: { tenantId: TenantId; atMs: number },
): Promise<VersionRow | undefined> {
  const [row] = await db
    .select()
    .from(pricebookVersion)
    .where(and(of(tenantId), lte(pricebookVersion.effectiveMs, atMs)))
    .orderBy(desc(pricebookVersion.effectiveMs), desc(pricebookVersion.number))
    .limit(1)
  return row
}

/** A page of a tenant's versions, the newest first, and how many there are. */
export async function listVersions(
  db: ConfigDb,
  { tenantId, limit, offset }: { tenantId: TenantId; limit: number; offset: number },
): Promise<{ versions: VersionRow[]; total: number }> {
  const { rows: versions, total } = await selectPage(db, pricebookVersion, {
    where: of(tenantId),
    orderBy: [desc(pricebookVersion.number)],
    limit,
    offset,
  })
  return { versions, total }
}

/** All of a tenant's versions that its keys' snapshots hold. */
export function findLiveVersions(db: ConfigDb, tenantId: TenantId): Promise<VersionRow[]> {
  return db
    .select()
    .from(pricebookVersion)
    .where(and(of(tenantId), eq(pricebookVersion.isRetired, false)))
}
