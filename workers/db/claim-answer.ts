import { and, eq, lte, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { idempotentAnswer } from './schema/audit.ts'

/** A row of `idempotent_answer`. */
export type AnswerRow = typeof idempotentAnswer.$inferSelect

/** Names what a caller asked for once. */
export type AnswerPath = { tenantId: TenantId; operation: string; key: string }

/** A request that wants to be the one that makes an answer: until `expiresMs`, unless it is done before. */
export type AnswerClaim = AnswerPath & { fingerprint: string; claim: string; expiresMs: number }

function isOf({ tenantId, operation, key }: AnswerPath) {
  const { tenantId: tenant, operation: name, key: text } = idempotentAnswer
  return and(eq(tenant, tenantId), eq(name, operation), eq(text, key))
}

/**
 * Claims a key for a request, where it is free or what was kept under it has run out; answers the row as it then is, which
 * has the request's own `claim` if it won. Takes what has run out of the tenant's away.
 */
export async function claimAnswer(db: ConfigDb, wanted: AnswerClaim, nowMs: number): Promise<AnswerRow | undefined> {
  const hasRunOut = and(eq(idempotentAnswer.tenantId, wanted.tenantId), lte(idempotentAnswer.expiresMs, nowMs))
  const [, , rows] = await db.batch([
    db.delete(idempotentAnswer).where(hasRunOut),
    db.insert(idempotentAnswer).values(wanted).onConflictDoNothing(),
    db.select().from(idempotentAnswer).where(isOf(wanted)),
  ])
  return rows[0]
}

/** What is kept of an answer. */
export type KeptAnswer = { status: number; contentType: string; body: string; expiresMs: number }

/** Keeps the answer of the request whose claim this is. A claim that has run out and was taken by another keeps nothing. */
export async function keepAnswer(db: ConfigDb, claimed: AnswerClaim, answer: KeptAnswer): Promise<void> {
  await db
    .update(idempotentAnswer)
    .set(answer)
    .where(and(isOf(claimed), eq(idempotentAnswer.claim, claimed.claim)))
}

/** Gives a claim back, so that the same may be asked for again. */
export async function releaseAnswer(db: ConfigDb, claimed: AnswerClaim): Promise<void> {
  const isMine = and(isOf(claimed), eq(idempotentAnswer.claim, claimed.claim), sql`${idempotentAnswer.status} IS NULL`)
  await db.delete(idempotentAnswer).where(isMine)
}
