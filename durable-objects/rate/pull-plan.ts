import type { Plan } from '../../workers/core/access/plan.ts'

/** A tenant's plan, or `null`: it is the deployment's default. One read of D1. */
export async function pullPlan(db: D1Database, tenantId: string): Promise<Plan | null> {
  const row = await db.prepare('SELECT plan FROM tenant WHERE id = ?1').bind(tenantId).first<{ plan: Plan | null }>()
  return row?.plan ?? null
}
