import { and, eq } from 'drizzle-orm'
import type { ConfigDb } from './database.ts'
import type { Statement } from './in-one-batch.ts'
import type { ModelConfigRow } from './model-config-record.ts'
import { modelConfig } from './schema/limits.ts'

/** The statement that writes a new model config. It belongs into the transaction that writes its limits. */
export function insertModelConfig(db: ConfigDb, row: ModelConfigRow): Statement {
  return db.insert(modelConfig).values(row)
}

/** The same for one that changes, of which only the time does: another model, or provider, is another config. */
export function touchModelConfig(db: ConfigDb, { tenantId, id, updatedMs }: ModelConfigRow): Statement {
  const isNamed = and(eq(modelConfig.tenantId, tenantId), eq(modelConfig.id, id))
  return db.update(modelConfig).set({ updatedMs }).where(isNamed)
}

/** The same for one that goes. */
export function deleteModelConfig(db: ConfigDb, { tenantId, id }: ModelConfigRow): Statement {
  return db.delete(modelConfig).where(and(eq(modelConfig.tenantId, tenantId), eq(modelConfig.id, id)))
}
