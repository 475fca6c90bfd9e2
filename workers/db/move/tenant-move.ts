import { and, eq, inArray, lte, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../../core/access/tenant-id.ts'
import { type AuditRow, auditedBatch } from '../audited-batch.ts'
import type { ConfigDb } from '../database.ts'
import { inOneBatch } from '../in-one-batch.ts'
import { tenantMove } from '../schema/moves.ts'
import { tenant } from '../schema/tenancy.ts'
import { violates } from '../violates.ts'

/** A row of `tenant_move`. */
export type TenantMove = typeof tenantMove.$inferSelect

/** What of it a step changes. */
export type MoveChange = Partial<Pick<TenantMove, 'state' | 'sinceMs' | 'tableNo' | 'after' | 'copied' | 'moved'>>

const START = { state: 'marking', tableNo: 0, after: '', copied: 0, moved: 0, leaseOwner: '', leaseUntilMs: 0 } as const

/** Says that a tenant's events are to be moved; `false` where they are being moved already, and nothing is written. */
export async function beginMove(
  db: ConfigDb,
  move: Pick<TenantMove, 'tenantId' | 'source' | 'target' | 'sinceMs'>,
  audit: AuditRow,
): Promise<boolean> {
  try {
    await auditedBatch(db, audit, [db.insert(tenantMove).values({ ...START, ...move })])
    return true
  } catch (thrown) {
    if (violates(thrown, 'tenant_move.tenant_id')) return false
    throw thrown
  }
}

/** The move of a tenant, or `undefined`. */
export function findMove(db: ConfigDb, tenantId: TenantId): Promise<TenantMove | undefined> {
  return db.select().from(tenantMove).where(eq(tenantMove.tenantId, tenantId)).get()
}

/** That a tenant's events are in one place. While they may be in two, what is read of them may lack the last minutes. */
export function isInOnePlace(tenantId: TenantId): SQL {
  return sql`NOT EXISTS (SELECT 1 FROM tenant_move AS move WHERE move.tenant_id = ${tenantId}
    AND move.state IN ('settling', 'emptying'))`
}

/** Takes the moves that nobody works on, to work on them until `untilMs`. */
export function claimMoves(
  db: ConfigDb,
  { owner, nowMs, untilMs }: { owner: string; nowMs: number; untilMs: number },
): Promise<TenantMove[]> {
  return db
    .update(tenantMove)
    .set({ leaseOwner: owner, leaseUntilMs: untilMs })
    .where(lte(tenantMove.leaseUntilMs, nowMs))
    .returning()
}

const isMine = ({ tenantId, leaseOwner }: TenantMove) =>
  and(eq(tenantMove.tenantId, tenantId), eq(tenantMove.leaseOwner, leaseOwner))

/** Writes a step down; `undefined` where somebody else has the move by now. */
export async function advanceMove(db: ConfigDb, move: TenantMove, change: MoveChange): Promise<TenantMove | undefined> {
  const [row] = await db.update(tenantMove).set(change).where(isMine(move)).returning()
  return row
}

/** Gives a move back. */
export async function releaseMove(db: ConfigDb, move: TenantMove): Promise<void> {
  await db.update(tenantMove).set({ leaseUntilMs: 0 }).where(isMine(move))
}

/** Makes the new place the tenant's, once. */
export async function switchPlace(db: ConfigDb, move: TenantMove, nowMs: number): Promise<TenantMove | undefined> {
  const settling = { state: 'settling', sinceMs: nowMs, tableNo: 0, after: '' } as const
  const isCopied = and(isMine(move), eq(tenantMove.state, 'copying'))
  const mine = db.select({ id: tenantMove.tenantId }).from(tenantMove).where(isCopied)
  const place = db.update(tenant).set({ shard: move.target }).where(inArray(tenant.id, mine))
  await inOneBatch(db, [place, db.update(tenantMove).set(settling).where(isCopied)])
  return findMove(db, move.tenantId)
}

/** Says that a move is done. */
export async function endMove(db: ConfigDb, move: TenantMove): Promise<void> {
  await db.delete(tenantMove).where(isMine(move))
}
