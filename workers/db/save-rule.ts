import { type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { RuleScope } from '../core/rules/routing-rule.ts'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { Statement } from './in-one-batch.ts'
import { type KeyVersion, rebuildOutdated } from './rebuild-snapshots.ts'
import { routingRule } from './schema/routing.ts'
import { violates } from './violates.ts'

/** A row of `routing_rule`. */
export type RuleRow = typeof routingRule.$inferSelect

/** Whose rules. */
export type RuleOwner = { tenantId: TenantId } & Pick<RuleRow, 'scope' | 'scopeId'>

/**
 * A rule before and after a change; `null` where it was not, or is no more. Either carries the version that it was read in, and a
 * new one 0.
 */
export type RuleChange = { before: RuleRow | null; after: RuleRow; isDeleted: boolean; audit: AuditRow }

/** What was written: the keys whose snapshots the change is in, to be pushed. Nothing was written unless `saved`. */
export type RuleSaved = { kind: 'saved'; keys: KeyVersion[] } | { kind: 'stale' | 'name_taken' | 'priority_taken' }

// As in save-key.ts, a stale writer's NULL takes back the whole batch; so does one whose rule was deleted meanwhile.
function writeRule(db: ConfigDb, { before, after }: RuleChange): Statement {
  const { tenantId, id, version } = after
  const stored = sql`SELECT 1 FROM routing_rule WHERE tenant_id = ${tenantId} AND id = ${id} AND version = ${version}`
  const isCurrent = before ? sql`EXISTS (${stored})` : sql`TRUE`
  const { tenantId: _, id: __, ...rest } = { ...after, version: version + 1 }
  return db
    .insert(routingRule)
    .values({ ...after, version: sql`CASE WHEN ${isCurrent} THEN ${version + 1} END` })
    .onConflictDoUpdate({ target: [routingRule.tenantId, routingRule.id], set: rest })
}

const BOUND: Record<RuleScope, (owner: RuleOwner) => SQL> = {
  virtual_key: ({ scopeId }) => sql`id = ${scopeId}`,
  team: ({ scopeId }) => sql`team_id = ${scopeId}`,
  customer: ({ tenantId, scopeId }) => sql`(customer_id = ${scopeId} OR team_id IN
    (SELECT id FROM team WHERE tenant_id = ${tenantId} AND customer_id = ${scopeId}))`,
  global: () => sql`TRUE`,
}

function touchKeys(owner: RuleOwner): Statement {
  return sql`UPDATE virtual_key SET version = version + 1
    WHERE tenant_id = ${owner.tenantId} AND deleted_ms IS NULL AND ${BOUND[owner.scope](owner)}`
}

// Of where it was, too: it is to go from there.
function touched({ before, after }: RuleChange): Statement[] {
  const hasMoved = before && (before.scope !== after.scope || before.scopeId !== after.scopeId)
  return hasMoved ? [touchKeys(before), touchKeys(after)] : [touchKeys(after)]
}

function removeRule({ isDeleted, after }: RuleChange): Statement[] {
  return isDeleted ? [sql`DELETE FROM routing_rule WHERE tenant_id = ${after.tenantId} AND id = ${after.id}`] : []
}

/** Takes all rules of an owner away, in a transaction that makes the snapshots of its keys anew. */
export function deleteRulesOf({ tenantId, scope, scopeId }: RuleOwner): Statement {
  return sql`DELETE FROM routing_rule WHERE tenant_id = ${tenantId} AND scope = ${scope} AND scope_id = ${scopeId}`
}

function refusalOf(thrown: unknown): RuleSaved | undefined {
  const unique = (column: string) =>
    `${['tenant_id', 'scope', 'scope_id'].map(name => `routing_rule.${name}`).join(', ')}, routing_rule.${column}`
  if (violates(thrown, 'routing_rule.version')) return { kind: 'stale' }
  if (violates(thrown, unique('priority'))) return { kind: 'priority_taken' }
  return violates(thrown, unique('name')) ? { kind: 'name_taken' } : undefined
}

/**
 * Writes a rule in a version one above that it was read in, or deletes it, with the snapshots of all keys that it can apply
 * to, in one transaction or not at all.
 */
export async function saveRule(db: ConfigDb, change: RuleChange): Promise<RuleSaved> {
  const rows = [writeRule(db, change), ...removeRule(change), ...touched(change)]
  try {
    const results = await auditedBatch(db, change.audit, [...rows, rebuildOutdated(change.after.tenantId)])
    return { kind: 'saved', keys: (results.at(-1) ?? []) as KeyVersion[] }
  } catch (thrown) {
    const refusal = refusalOf(thrown)
    if (refusal) return refusal
    throw thrown
  }
}
