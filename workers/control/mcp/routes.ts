import { z } from 'zod'
import { McpClientInput } from '../../contracts/mcp-client-input.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { createClient } from './create-client.ts'
import { deleteClient } from './delete-client.ts'
import { getClient } from './get-client.ts'
import { listClients } from './list-clients.ts'
import { McpChangeShape, McpClientShape, McpClientsQuery, McpClientsShape } from './mcp-shape.ts'
import { refreshTools } from './refresh-tools.ts'
import { updateClient } from './update-client.ts'

const read = { tag: 'MCP', access: { scope: 'providers:read' } } as const
const write = { tag: 'MCP', access: { scope: 'providers:write' } } as const
const Done = z.object({ status: z.literal('success'), message: z.string() })
const Refreshed = z.object({
  ...Done.shape,
  tool_count: z.int().min(0),
  tools: McpClientShape.shape.tools,
})

/** Bifrost has one server at `/api/mcp/client`, all of them at `/api/mcp/clients`; here either word does for both. */
function routesAt(path: string, more: string): RouteSpec[] {
  const one = `${path}/:id`
  return [
    {
      ...{ method: 'POST', path, ...write, operationId: `createMcpClient${more}`, body: McpClientInput },
      summary: 'Add an MCP server, whose tools virtual keys may be allowed',
      responses: { 200: McpChangeShape },
      hasEtag: true,
      handler: createClient,
    },
    {
      ...{ method: 'GET', path: one, ...read, operationId: `getMcpClient${more}`, summary: 'Get an MCP server' },
      responses: { 200: McpClientShape },
      hasEtag: true,
      handler: getClient,
    },
    {
      ...{ method: 'PUT', path: one, ...write, operationId: `updateMcpClient${more}`, body: McpClientInput },
      summary: 'Change what the body names of an MCP server',
      responses: { 200: McpChangeShape },
      hasEtag: true,
      handler: updateClient,
    },
    {
      ...{ method: 'DELETE', path: one, ...write, operationId: `deleteMcpClient${more}` },
      summary: 'Delete an MCP server; its tools are refused at once',
      responses: { 200: Done },
      hasEtag: true,
      handler: deleteClient,
    },
  ]
}

/** The routes of MCP servers. */
export const MCP_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', path: '/api/mcp/clients', ...read, operationId: 'listMcpClients', query: McpClientsQuery },
    summary: 'List the MCP servers of the tenant',
    responses: { 200: McpClientsShape },
    handler: listClients,
  },
  ...routesAt('/api/mcp/client', ''),
  {
    ...{ method: 'POST', path: '/api/mcp/client/:id/refresh-tools', ...write, operationId: 'refreshMcpTools' },
    summary: 'Ask an MCP server what tools it has',
    responses: { 200: Refreshed },
    handler: refreshTools,
  },

  ...routesAt('/api/mcp/clients', 'InList'),
]
