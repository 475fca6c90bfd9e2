import { and, asc, eq, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import type { OverridePath, OverrideRow } from './override-record.ts'
import { pricingOverride } from './schema/routing.ts'
import { selectPage } from './select-page.ts'

/** What a list of overrides can be narrowed to. */
export type OverrideFilter = Partial<
  Record<'scopeKind' | 'virtualKeyId' | 'providerId' | 'providerKeyId', string | undefined>
>

/** Which of a tenant's overrides to list. `search` is a part of the name, in any case (ASCII); `limit` -1 is all. */
export type OverrideQuery = OverrideFilter & { tenantId: TenantId; search?: string; limit: number; offset: number }

function matching({ tenantId, search, ...query }: OverrideQuery): SQL | undefined {
  const of = pricingOverride
  const names = ['scopeKind', 'virtualKeyId', 'providerId', 'providerKeyId'] as const
  const exact = names.map(name => (query[name] ? sql`${of[name]} = ${query[name]}` : undefined))
  const hasText = search ? sql`instr(lower(${of.name}), lower(${search})) > 0` : undefined
  return and(eq(of.tenantId, tenantId), hasText, ...exact)
}

/** A page of a tenant's overrides in the order of their making, and how many match in all, in one reading. */
export async function listOverrides(
  db: ConfigDb,
  query: OverrideQuery,
): Promise<{ overrides: OverrideRow[]; total: number }> {
  const where = matching(query)
  const order = [asc(pricingOverride.createdMs), asc(pricingOverride.id)]
  const { rows: overrides, total } = await selectPage(db, pricingOverride, {
    where,
    orderBy: order,
    limit: query.limit,
    offset: query.offset,
  })
  return { overrides, total }
}

/** A tenant's override as it stands, or `undefined`: none, or another tenant's. */
export async function findOverride(db: ConfigDb, { tenantId, id }: OverridePath): Promise<OverrideRow | undefined> {
  const isNamed = and(eq(pricingOverride.tenantId, tenantId), eq(pricingOverride.id, id))
  const [row] = await db.select().from(pricingOverride).where(isNamed)
  return row
}
