import { sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'

/** A limit of money as it is counted, of whatever scope. */
export type MoneyLimit = { id: string; scope: string; maxNano: number }

/** The limits of money that these scopes of a tenant have. */
export function findMoneyLimits(db: ConfigDb, of: { tenantId: TenantId; scopes: string[] }): Promise<MoneyLimit[]> {
  // One parameter for all scopes, however many tags make.
  return db.all<MoneyLimit>(sql`SELECT id, scope, max AS maxNano FROM scope_limit
    WHERE tenant_id = ${of.tenantId} AND unit = 'nano_usd'
      AND scope IN (SELECT value FROM json_each(${JSON.stringify(of.scopes)})) ORDER BY scope, id`)
}
