import { and, asc, eq, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { mcpClient } from './schema/mcp.ts'

/** A row of `mcp_client`. */
export type McpClientRow = typeof mcpClient.$inferSelect

/** Names an MCP server of a tenant. */
export type McpClientPath = { tenantId: TenantId; id: string }

/** Which of a tenant's MCP servers to list. `search`: a part of the name, in any case. `limit`: -1 for all. */
export type McpClientQuery = { tenantId: TenantId; search: string; limit: number; offset: number }

/** An MCP server of the tenant's; `undefined`: none, or another tenant's. */
export async function findMcpClient(db: ConfigDb, { tenantId, id }: McpClientPath): Promise<McpClientRow | undefined> {
  const isIt = and(eq(mcpClient.tenantId, tenantId), eq(mcpClient.id, id))
  const [row] = await db.select().from(mcpClient).where(isIt)
  return row
}

function hasText(search: string): SQL | undefined {
  return search ? sql`instr(lower(${mcpClient.name}), lower(${search})) > 0` : undefined
}

/** A page of a tenant's MCP servers, the oldest first, and how many match in all. */
export async function listMcpClients(
  db: ConfigDb,
  { tenantId, search, limit, offset }: McpClientQuery,
): Promise<{ clients: McpClientRow[]; total: number }> {
  const where = and(eq(mcpClient.tenantId, tenantId), hasText(search))
  const order = [asc(mcpClient.createdMs), asc(mcpClient.id)]
  const [clients, total] = await Promise.all([
    db
      .select()
      .from(mcpClient)
      .where(where)
      .orderBy(...order)
      .limit(limit)
      .offset(offset),
    db.$count(mcpClient, where),
  ])
  return { clients, total }
}

/** How many other MCP servers a tenant has, and how long what snapshots hold of them is, in characters. */
export async function countMcpClients(
  db: ConfigDb,
  { tenantId, id }: McpClientPath,
): Promise<{ clients: number; chars: number }> {
  const row = await db.get<{ clients: number; chars: number }>(sql`SELECT count(*) AS clients,
    coalesce(sum(length(url) + length(headers) + length(tools)), 0) AS chars
    FROM mcp_client WHERE tenant_id = ${tenantId} AND id <> ${id}`)
  return row ?? { clients: 0, chars: 0 }
}
