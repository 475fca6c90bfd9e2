import { sql } from 'drizzle-orm'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { McpClientRow } from './find-mcp-clients.ts'
import type { Statement } from './in-one-batch.ts'
import { type KeyVersion, rebuildOutdated } from './rebuild-snapshots.ts'
import { mcpClient } from './schema/mcp.ts'
import { violates } from './violates.ts'

/**
 * An MCP server as it is to be, in the version that it was read in (a new one 0). `isInForce`: the change is one that keys have to
 * hear of.
 */
export type McpClientChange = {
  isNew: boolean
  after: McpClientRow
  isDeleted: boolean
  isInForce: boolean
  audit: AuditRow
}

/** What was written: the keys whose snapshots the change is in, to be pushed. Nothing was written unless `saved`. */
export type McpClientSaved = { kind: 'saved'; keys: KeyVersion[] } | { kind: 'stale' | 'name_taken' }

// As in save-rule.ts, a stale writer's NULL takes back the whole batch; so does one whose server was deleted meanwhile.
function writeClient(db: ConfigDb, { isNew, after }: McpClientChange): Statement {
  const { tenantId, id, version } = after
  const stored = sql`SELECT 1 FROM mcp_client WHERE tenant_id = ${tenantId} AND id = ${id} AND version = ${version}`
  const isCurrent = isNew ? sql`TRUE` : sql`EXISTS (${stored})`
  const { tenantId: _, id: __, ...rest } = { ...after, version: version + 1 }
  return db
    .insert(mcpClient)
    .values({ ...after, version: sql`CASE WHEN ${isCurrent} THEN ${version + 1} END` })
    .onConflictDoUpdate({ target: [mcpClient.tenantId, mcpClient.id], set: rest })
}

// Every key of the tenant has the server's name in its snapshot; those that said something of one that goes forget it.
function touchKeys({ after: { tenantId, id }, isDeleted }: McpClientChange): Statement {
  const others = sql`(SELECT json_group_array(json(value)) FROM json_each(mcp_configs) WHERE value ->> 'clientId' <> ${id})`
  const configs = isDeleted ? others : sql`mcp_configs`
  return sql`UPDATE virtual_key SET version = version + 1, mcp_configs = ${configs}
    WHERE tenant_id = ${tenantId} AND deleted_ms IS NULL`
}

function removeClient({ isDeleted, after }: McpClientChange): Statement[] {
  return isDeleted ? [sql`DELETE FROM mcp_client WHERE tenant_id = ${after.tenantId} AND id = ${after.id}`] : []
}

/** Writes an MCP server, or deletes it, with the snapshots of all keys of its tenant, in one transaction or not at all. */
export async function saveMcpClient(db: ConfigDb, change: McpClientChange): Promise<McpClientSaved> {
  const { isInForce, after, audit } = change
  const touched = isInForce ? [touchKeys(change), rebuildOutdated(after.tenantId)] : []
  try {
    const results = await auditedBatch(db, audit, [writeClient(db, change), ...removeClient(change), ...touched])
    return { kind: 'saved', keys: isInForce ? ((results.at(-1) ?? []) as KeyVersion[]) : [] }
  } catch (thrown) {
    if (violates(thrown, 'mcp_client.version')) return { kind: 'stale' }
    if (violates(thrown, 'mcp_client.tenant_id, mcp_client.name')) return { kind: 'name_taken' }
    throw thrown
  }
}
