import { and, asc, eq, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { modelConfig } from './schema/limits.ts'
import { selectPage } from './select-page.ts'

/** A row of `model_config`. */
export type ModelConfigRow = typeof modelConfig.$inferSelect

/** Which of a tenant's model configs to list. `search` is a part of the model's name, in any case (ASCII); `limit` -1 is all. */
export type ModelConfigQuery = { tenantId: TenantId; search: string; limit: number; offset: number }

/** A page of a tenant's model configs in the order of their making, and how many match in all, in one reading. */
export async function listModelConfigs(
  db: ConfigDb,
  { tenantId, search, limit, offset }: ModelConfigQuery,
): Promise<{ rows: ModelConfigRow[]; total: number }> {
  const hasText = search ? sql`instr(lower(${modelConfig.modelName}), lower(${search})) > 0` : undefined
  const where = and(eq(modelConfig.tenantId, tenantId), hasText)
  const order = [asc(modelConfig.createdMs), asc(modelConfig.id)]
  return selectPage(db, modelConfig, { where, orderBy: order, limit, offset })
}

/** A tenant's model config by its id or by its scope, or `undefined`: none, or another tenant's. */
export async function findModelConfig(
  db: ConfigDb,
  { tenantId, ...by }: { tenantId: TenantId } & ({ id: string } | { scope: string }),
): Promise<ModelConfigRow | undefined> {
  const isNamed = 'id' in by ? eq(modelConfig.id, by.id) : eq(modelConfig.scope, by.scope)
  const [row] = await db
    .select()
    .from(modelConfig)
    .where(and(eq(modelConfig.tenantId, tenantId), isNamed))
  return row
}
