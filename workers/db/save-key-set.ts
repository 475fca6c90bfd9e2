import { and, eq, isNull, lte, or } from 'drizzle-orm'
import type { KeySet } from '../core/sign-in/key-set.ts'
import type { ConfigDb } from './database.ts'
import type { ProviderRow } from './find-providers.ts'
import { ssoProvider } from './schema/sign-in.ts'

// Of this version: who changed the address meanwhile must not get the keys of the old one.
function isSame({ tenantId, id, version }: ProviderRow) {
  return and(eq(ssoProvider.tenantId, tenantId), eq(ssoProvider.id, id), eq(ssoProvider.version, version))
}

/** Claims the right to ask for a provider's keys now; `false` where somebody has asked after `sinceMs`. */
export async function claimAsking(
  db: ConfigDb,
  provider: ProviderRow,
  { nowMs, sinceMs }: { nowMs: number; sinceMs: number },
): Promise<boolean> {
  const isDue = or(isNull(ssoProvider.askedMs), lte(ssoProvider.askedMs, sinceMs))
  const rows = await db
    .update(ssoProvider)
    .set({ askedMs: nowMs })
    .where(and(isSame(provider), isDue))
    .returning({ id: ssoProvider.id })
  return rows.length > 0
}

/** Keeps what a provider's address answered. */
export async function saveKeySet(db: ConfigDb, provider: ProviderRow, known: { keySet: KeySet; nowMs: number }) {
  await db.update(ssoProvider).set({ keySet: known.keySet, keySetMs: known.nowMs }).where(isSame(provider))
}
