import { type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { OnExceed, Unit } from '../core/quota/limit.ts'
import type { ConfigDb } from './database.ts'

/** One limit as it is counted, of a scope above the virtual key. */
export type LimitRow = {
  id: string
  scope: string
  unit: Unit
  max: number
  duration: string
  isAligned: number
  anchorMs: number
  createdMs: number
  updatedMs: number
  onExceed: OnExceed['kind']
  clampFloor: number | null
  downgradeTo: string | null
  /** A JSON array of whole percents. */
  thresholds: string | null
  /** `MM-DD`. */
  fiscalYearStart: string | null
  /** Grows with every change of any limit of the scope. */
  scopeVersion: number
}

/** Which of a tenant's limits to list. */
export type LimitQuery = {
  tenantId: TenantId
  scope?: string | undefined
  /** Those of money alone, of agents, users, tags and the tenant. */
  isBudget?: true
  limit: number
  offset: number
}

const COLUMNS = sql.raw(`id, scope, unit, max, duration, calendar_aligned AS isAligned, anchor_ms AS anchorMs,
  created_ms AS createdMs, updated_ms AS updatedMs, on_exceed AS onExceed, clamp_floor AS clampFloor,
  downgrade_to AS downgradeTo, thresholds, fiscal_year_start AS fiscalYearStart,
  (SELECT version FROM scope_snapshot AS owner
    WHERE owner.tenant_id = scope_limit.tenant_id AND owner.scope = scope_limit.scope) AS scopeVersion`)

function aboveKeys(tenantId: TenantId): SQL {
  return sql`FROM scope_limit WHERE tenant_id = ${tenantId} AND virtual_key_id IS NULL`
}

/** A tenant's limit by the id it is counted under, or `undefined`: none, a virtual key's, or another tenant's. */
export async function findLimit(db: ConfigDb, path: { tenantId: TenantId; id: string }): Promise<LimitRow | undefined> {
  const [row] = await db.all<LimitRow>(sql`SELECT ${COLUMNS} ${aboveKeys(path.tenantId)} AND id = ${path.id}`)
  return row
}

const isOwner = (scope: string) => `${scope} GLOB 'agent:*' OR ${scope} GLOB 'user:*' OR ${scope} GLOB 'tag:*'`
const IS_BUDGET = sql.raw(`unit = 'nano_usd' AND CASE WHEN scope GLOB 'all:*'
  THEN NOT EXISTS (SELECT 1 FROM json_each(substr(scope, 5)) AS part WHERE NOT (${isOwner('part.value')}))
  ELSE scope GLOB 'tenant:*' OR ${isOwner('scope')} END`)

/** A page of a tenant's limits above the virtual key in the order of their making, and how many there are in all. */
export async function listLimits(db: ConfigDb, query: LimitQuery): Promise<{ limits: LimitRow[]; total: number }> {
  const { tenantId, scope, isBudget, limit, offset } = query
  const ofScope = scope === undefined ? sql`` : sql`AND scope = ${scope}`
  const where = sql`${aboveKeys(tenantId)} ${ofScope} ${isBudget ? sql`AND ${IS_BUDGET}` : sql``}`
  const [limits, totals] = await Promise.all([
    db.all<LimitRow>(sql`SELECT ${COLUMNS} ${where} ORDER BY created_ms, id LIMIT ${limit} OFFSET ${offset}`),
    db.all<{ total: number }>(sql`SELECT count(*) AS total ${where}`),
  ])
  return { limits, total: totals[0]?.total ?? 0 }
}
