import { type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigKind } from '../core/config/config-kind.ts'

/** Where each kind is kept, what its id is called there, and which rows are none any more. */
const TABLES: Record<Exclude<ConfigKind, 'tenant'>, { table: string; id?: string; live?: string }> = {
  customer: { table: 'customer', live: 'deleted_ms IS NULL' },
  team: { table: 'team', live: 'deleted_ms IS NULL' },
  virtual_key: { table: 'virtual_key', live: 'deleted_ms IS NULL' },
  provider: { table: 'provider_account', id: 'name', live: 'deleted_ms IS NULL' },
  provider_key: { table: 'provider_key' },
  mcp_client: { table: 'mcp_client' },
  model_config: { table: 'model_config' },
  limit: { table: 'scope_limit', live: 'virtual_key_id IS NULL' },
  pricing_override: { table: 'pricing_override' },
  routing_rule: { table: 'routing_rule' },
  webhook: { table: 'webhook' },
}

/** Whether the tenant has an object of this kind and id, which are expressions. Not a union: D1 takes few of them. */
export function isLive(tenantId: TenantId, { kind, id }: { kind: SQL; id: SQL }): SQL {
  const cases = Object.entries(TABLES).map(([name, { table, id: column = 'id', live = 'TRUE' }]) => {
    const [of, column_, isLive] = [table, column, live].map(text => sql.raw(text))
    const row = sql`SELECT 1 FROM ${of} AS it WHERE it.tenant_id = ${tenantId} AND it.${column_} = ${id} AND ${isLive}`
    return sql`WHEN ${sql.raw(`'${name}'`)} THEN EXISTS (${row})`
  })
  return sql`CASE ${kind} WHEN 'tenant' THEN ${id} = ${tenantId} ${sql.join(cases, sql` `)} ELSE FALSE END`
}
