import { z } from 'zod'
import type { RouteSpec } from '../http/route-spec.ts'
import { listClients } from './list-clients.ts'

const count = z.int().min(0)
const envelope = { count, total_count: count, limit: count, offset: count }

/** The routes of MCP servers. */
export const MCP_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', path: '/api/mcp/clients', tag: 'Providers', access: { scope: 'providers:read' } },
    operationId: 'listMcpClients',
    summary: 'List the MCP servers that tools can be called at, of which there are none',
    responses: { 200: z.object({ clients: z.array(z.unknown()).max(0), ...envelope }) },
    handler: listClients,
  },
]
