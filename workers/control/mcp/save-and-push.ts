import { headerOwner } from '../../core/mcp/header-owner.ts'
import { countMcpClients, findMcpClient, type McpClientPath, type McpClientRow } from '../../db/find-mcp-clients.ts'
import { saveMcpClient } from '../../db/save-mcp-client.ts'
import { auditRow } from '../audit/audit-row.ts'
import { invalid, nameTaken } from '../governance/invalid.ts'
import { putScopeInForce } from '../governance/put-scope-in-force.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import { checkIfMatch } from '../http/etag.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { clientNotFound } from './client-not-found.ts'

/** A key's snapshot holds all servers of its tenant. */
const MAX_CLIENTS = 50
const MAX_CHARS = 64 * 1024

/** A server before and after a change. `verb`: what the audit trail calls it; `refresh` is of what it said of itself alone. */
export type ClientEdit = {
  before: McpClientRow | null
  after: McpClientRow
  verb: 'create' | 'update' | 'delete' | 'refresh'
}

async function checkRoom({ after }: ClientEdit, ports: ControlPorts): Promise<void> {
  const { clients, chars } = await countMcpClients(ports.db, after)
  if (clients >= MAX_CLIENTS) throw invalid(`a tenant cannot have more than ${MAX_CLIENTS} MCP clients`)
  const own = after.url.length + JSON.stringify(after.headers).length + JSON.stringify(after.tools).length
  if (chars + own <= MAX_CHARS) return
  throw invalid(`the MCP clients are too large: ${MAX_CHARS} characters hold all their tools and headers`)
}

// What was sealed under the secret of yesterday is sealed under that of today.
async function resealed(row: McpClientRow, ports: ControlPorts): Promise<McpClientRow> {
  const reseal = (name: string, sealed: string) => ports.resealSecret(sealed, headerOwner(row, name))
  const headers = row.headers.map(async header => ({ ...header, sealed: await reseal(header.name, header.sealed) }))
  return { ...row, headers: await Promise.all(headers) }
}

function auditOf({ before, after, verb }: ClientEdit, ports: ActingPorts) {
  const resource = { type: 'mcp_client', id: after.id }
  const rows = { before, after: verb === 'delete' ? null : after }
  return auditRow(after.tenantId, { action: `mcp_client.${verb}`, resource, ...rows }, ports)
}

/**
 * Writes a server, or deletes it, and puts it in force at every key of its tenant; `undefined` where it was changed meanwhile and
 * must be read again. Throws `request_invalid` and `change_pending`.
 */
export async function saveAndPush(edit: ClientEdit, ports: ActingPorts): Promise<McpClientRow | undefined> {
  const { before, verb } = edit
  if (verb === 'create' || verb === 'update') await checkRoom(edit, ports)
  const after = await resealed(edit.after, ports)
  const how = { isNew: before === null, isDeleted: verb === 'delete', isInForce: verb !== 'refresh' }
  const saved = await saveMcpClient(ports.db, { after, ...how, audit: auditOf({ ...edit, after }, ports) })
  if (saved.kind === 'name_taken') throw nameTaken()
  if (saved.kind !== 'saved') return undefined
  await putScopeInForce({ tenantId: after.tenantId, scopes: [], keys: saved.keys }, ports)
  return { ...after, version: after.version + 1 }
}

/** How a server changes, and what that is called. */
export type ClientChange = Pick<ClientEdit, 'verb'> & {
  change(row: McpClientRow): McpClientRow | Promise<McpClientRow>
}

/**
 * Changes a server as `change` says, in D1 and in force; who lost a race reads again. Throws `not_found`, `precondition_failed`,
 * `change_pending`, and what `change` throws.
 */
export function changeClient(
  path: McpClientPath,
  { verb, change }: ClientChange,
  ports: ActingPorts,
): Promise<McpClientRow> {
  return retryWhileStale(async () => {
    const before = await findMcpClient(ports.db, path)
    if (!before) throw clientNotFound()
    checkIfMatch(before.version, ports)
    return saveAndPush({ before, after: await change(before), verb }, ports)
  })
}
