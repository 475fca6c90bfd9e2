import { and, desc, eq, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { ssoProvider } from './schema/sign-in.ts'
import { selectPage } from './select-page.ts'

/** A row of `sso_provider`. */
export type ProviderRow = typeof ssoProvider.$inferSelect

/** Names a provider of a tenant. */
export type ProviderPath = { tenantId: TenantId; id: string }

/** More than any token's audiences lead to in earnest; more than one is ambiguous already. */
const MAX_CANDIDATES = 100

/**
 * The providers of any tenant that a token could be of, by its issuer and its audiences: the one query that no tenant narrows,
 * since the provider is what says which tenant it is.
 */
export function findProvidersOf(
  db: ConfigDb,
  { issuer, audiences }: { issuer: string; audiences: string[] },
): Promise<ProviderRow[]> {
  const isNamed = sql`${ssoProvider.audience} IN (SELECT value FROM json_each(${JSON.stringify(audiences)}))`
  return db
    .select()
    .from(ssoProvider)
    .where(and(eq(ssoProvider.issuer, issuer), isNamed))
    .limit(MAX_CANDIDATES)
}

/** A tenant's provider, or `undefined`. */
export function findProvider(db: ConfigDb, { tenantId, id }: ProviderPath): Promise<ProviderRow | undefined> {
  return db
    .select()
    .from(ssoProvider)
    .where(and(eq(ssoProvider.tenantId, tenantId), eq(ssoProvider.id, id)))
    .get()
}

/** A page of a tenant's providers, the newest first, and how many there are in all, in one reading. */
export async function listProviders(
  db: ConfigDb,
  { tenantId, limit, offset }: { tenantId: TenantId; limit: number; offset: number },
): Promise<{ rows: ProviderRow[]; total: number }> {
  const where = eq(ssoProvider.tenantId, tenantId)
  const newest = [desc(ssoProvider.createdMs), desc(ssoProvider.id)]
  return selectPage(db, ssoProvider, { where, orderBy: newest, limit, offset })
}
