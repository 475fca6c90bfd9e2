import { z } from 'zod'
import { MCP_TRANSPORTS } from '../../core/mcp/mcp-client.ts'
import { TimesShape } from '../governance/limits-shape.ts'

const names = z.array(z.string())
const count = z.int().min(0)

/** An MCP server as Bifrost shows it. */
export const McpClientShape = z.object({
  config: z.object({
    client_id: z.uuid(),
    ...{ name: z.string(), connection_type: z.enum(MCP_TRANSPORTS), connection_string: z.string() },
    auth_type: z.enum(['none', 'headers']),
    headers: z.record(z.string(), z.string()).meta({ description: 'Their values are masked.' }),
    tools_to_execute: names,
    tools_to_auto_execute: z.array(z.string()).max(0),
    allow_on_all_virtual_keys: z.boolean(),
    tool_execution_timeout: count.meta({ description: 'Seconds; 0 where nothing is said.' }),
    is_code_mode_client: z.literal(false),
    ...{ disabled: z.boolean(), is_active: z.boolean() },
    ...TimesShape.shape,
  }),
  tools: z.array(
    z.object({
      ...{ name: z.string(), description: z.string().optional() },
      parameters: z.record(z.string(), z.unknown()),
    }),
  ),
  state: z.enum(['connected', 'pending_tools', 'disabled']),
})

/** A page of them. */
export const McpClientsShape = z.object({
  clients: z.array(McpClientShape),
  ...{ count, total_count: count, limit: count, offset: count },
})

/** The answer to a change: what was done, and the server as it is now. */
export const McpChangeShape = z.object({ status: z.literal('success'), message: z.string(), client: McpClientShape })

/** The query of `GET /api/mcp/clients`. Beyond 100 rows, `limit` is 100. */
export const McpClientsQuery = z.object({
  ...{ limit: count.optional(), offset: count.optional() },
  search: z.string().optional().meta({ description: 'A part of the name.' }),
})
