import { type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'

// The shapes of a `McpClient` and of its `McpServer` (core/mcp/mcp-client.ts); `sealed` goes as it lies.
const HEADERS = `(SELECT json_group_array(json_object('name', value ->> 'name', 'sealed', value ->> 'sealed'))
  FROM json_each(headers))`
const SERVER = `json_object('id', id, 'url', url, 'transport', transport, 'headers', json(${HEADERS}),
  'timeoutMs', timeout_ms, 'tools', json(tools), 'keyTools', json(key_tools))`
const CLIENT = sql.raw(`CASE WHEN is_active AND tools <> '[]' AND key_tools <> '[]'
  THEN json_object('name', name, 'server', json(${SERVER})) ELSE json_object('name', name) END AS body`)
// A key that says nothing may use all, where its tenant wants it as it was once (governance contract, section 2.3).
const SAYS_NOTHING = `(k.mcp_configs = '[]' AND tenant.settings ->> 'governance_compat' = '1.4')`
// What the key says of a server goes before what the server says of all keys.
const KEY_TOOLS = sql.raw(`coalesce((SELECT value -> 'tools' FROM json_each(k.mcp_configs)
  WHERE value ->> 'clientId' = one.id), iif(one.allow_on_all_keys OR ${SAYS_NOTHING}, '["*"]', '[]')) AS key_tools`)

/** All MCP servers of a tenant, with what the key `k` may use of each; NULL for none, which `json_patch` takes for absent. */
export function mcpOfKey(tenantId: TenantId): SQL {
  return sql`json(nullif((SELECT json_group_array(json(body)) FROM (SELECT ${CLIENT} FROM (SELECT one.*, ${KEY_TOOLS}
    FROM mcp_client AS one WHERE one.tenant_id = ${tenantId} AND k.deleted_ms IS NULL) ORDER BY name)), '[]'))`
}
