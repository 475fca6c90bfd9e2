import { env } from 'cloudflare:workers'

/** Every table that says whose a row is. */
export async function tablesOfTenants(): Promise<string[]> {
  const text = `SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%tenant_id TEXT%'`
  return (await env.DB.prepare(text).all<{ name: string }>()).results.map(({ name }) => name)
}

/** All that a tenant has, as it is stored. */
export async function everythingOf({ tenantId }: { tenantId: string }): Promise<string> {
  const tables = await tablesOfTenants()
  const rows = await env.DB.batch([
    ...tables.map(table => env.DB.prepare(`SELECT * FROM "${table}" WHERE tenant_id = ?1`).bind(tenantId)),
    env.DB.prepare('SELECT * FROM tenant WHERE id = ?1').bind(tenantId),
  ])
  return JSON.stringify(rows.map(({ results }) => results))
}
