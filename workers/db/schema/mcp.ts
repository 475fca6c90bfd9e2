import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { McpHeader, McpTool, McpTransport } from '../../core/mcp/mcp-client.ts'

/** A header as it is stored; `masked` is for people. */
export type StoredHeader = McpHeader & { masked: string }

/** An MCP server of a tenant's. */
export const mcpClient = sqliteTable(
  'mcp_client',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    name: text().notNull(),
    transport: text().$type<McpTransport>().notNull(),
    url: text().notNull(),
    headers: text({ mode: 'json' }).$type<StoredHeader[]>().notNull(),
    /** Those that may be called at all, whoever asks; `*`: all that it has. */
    tools: text({ mode: 'json' }).$type<string[]>().notNull(),
    /** Keys that say nothing of it may use all of `tools`. */
    allowOnAllKeys: integer('allow_on_all_keys', { mode: 'boolean' }).notNull(),
    isActive: integer('is_active', { mode: 'boolean' }).notNull(),
    timeoutMs: integer('timeout_ms'),
    /** What it said that it has; `null`: it was never asked. */
    foundTools: text('found_tools', { mode: 'json' }).$type<McpTool[]>(),
    version: integer().notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)
