import { and, count, desc, eq, lt, min, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { EventsDb } from './database.ts'
import type { Difference } from './read-hour.ts'
import { type DifferenceKind, meterHour, reconcileDifference, reconcileRun } from './schema/reconcile.ts'

/** How many differences of a kind were ever seen, how many are not corrected, and the newest hour among those. */
export type KindCount = { kind: DifferenceKind; all: number; open: number; newestOpenMs: number | null }

/** How the reconciliation of one tenant stands. `differences` are the newest, by their hour. */
export type ReconcileState = {
  lastRun: { run_ms: number; hours: number; differences: number; corrections: number } | undefined
  waiting: { statements: number; oldestMs: number | null }
  kinds: KindCount[]
  differences: Difference[]
}

const isOpen = sql`${reconcileDifference.corrected_ms} IS NULL`

/** Reads how a tenant's reconciliation stands, with at most `limit` differences; one reading. */
export async function readReconcileState(
  db: EventsDb,
  { tenantId, limit }: { tenantId: TenantId; limit: number },
): Promise<ReconcileState> {
  const ofTenant = eq(reconcileDifference.tenant_id, tenantId)
  const { run_ms, hours, differences, corrections } = reconcileRun
  const [runs, waiting, kinds, newest] = await db.batch([
    db
      .select({ run_ms, hours, differences, corrections })
      .from(reconcileRun)
      .where(eq(reconcileRun.tenant_id, tenantId))
      .orderBy(desc(run_ms))
      .limit(1),
    db
      .select({ statements: count(), oldestMs: min(meterHour.hour_ms) })
      .from(sql`${meterHour} INDEXED BY meter_hour_waiting`)
      .where(and(eq(meterHour.tenant_id, tenantId), lt(meterHour.reconciled_seq, meterHour.change_seq))),
    db
      .select({
        kind: reconcileDifference.kind,
        all: count(),
        open: sql<number>`count(*) FILTER (WHERE ${isOpen})`,
        newestOpenMs: sql<number | null>`max(${reconcileDifference.hour_ms}) FILTER (WHERE ${isOpen})`,
      })
      .from(reconcileDifference)
      .where(ofTenant)
      .groupBy(reconcileDifference.kind),
    db.select().from(reconcileDifference).where(ofTenant).orderBy(desc(reconcileDifference.hour_ms)).limit(limit),
  ])
  return { lastRun: runs[0], waiting: waiting[0] ?? { statements: 0, oldestMs: null }, kinds, differences: newest }
}
