import { and, eq, gt, isNull } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { findUserInTenant, type UserInTenant } from './find-user.ts'
import { refreshToken } from './schema/sign-in.ts'

/** A row of `refresh_token`. */
export type RefreshRow = typeof refreshToken.$inferSelect

/** Names the refresh tokens that came from one sign-in. */
export type FamilyPath = { tenantId: TenantId; familyId: string }

/** The refresh token that is stored under a hash, used and revoked ones included. */
export function findRefreshToken(
  db: ConfigDb,
  { tenantId, tokenHash }: { tenantId: TenantId; tokenHash: string },
): Promise<RefreshRow | undefined> {
  return db
    .select()
    .from(refreshToken)
    .where(and(eq(refreshToken.tenantId, tenantId), eq(refreshToken.tokenHash, tokenHash)))
    .get()
}

async function isLive(db: ConfigDb, { tenantId, familyId }: FamilyPath, nowMs: number): Promise<boolean> {
  const { familyId: family, usedMs, revokedMs, expiresMs, tenantId: tenant } = refreshToken
  const isOfFamily = and(eq(tenant, tenantId), eq(family, familyId))
  const live = and(isOfFamily, isNull(usedMs), isNull(revokedMs), gt(expiresMs, nowMs))
  const row = await db.select({ familyId: family }).from(refreshToken).where(live).limit(1).get()
  return row !== undefined
}

/** Whose access token this is, and what that user is in the tenant that it acts for; `undefined` once its sign-in has ended. */
export async function findSession(
  db: ConfigDb,
  session: { userId: string; actsFor: TenantId; family: FamilyPath; nowMs: number },
): Promise<UserInTenant | undefined> {
  const { userId, actsFor: tenantId, family, nowMs } = session
  const [isOpen, found] = await Promise.all([isLive(db, family, nowMs), findUserInTenant(db, { tenantId, userId })])
  return isOpen ? found : undefined
}
