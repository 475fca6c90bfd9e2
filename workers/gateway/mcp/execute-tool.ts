import { readBody } from '../../contracts/read-body.ts'
import { decideTool } from '../../core/mcp/decide-tool.ts'
import { findClient, readToolName } from '../../core/mcp/tool-name.ts'
import type { KeySnapshot } from '../../core/snapshot.ts'
import { GatewayError, toGatewayError } from '../../errors/gateway-error.ts'
import type { ToolResult } from '../../mcp/call-tool.ts'
import { DEFAULT_TIMEOUT_MS } from '../../mcp/with-session.ts'
import { attribute } from '../attribute.ts'
import { assertHeaders, authenticate, authenticateFully } from '../authenticate.ts'
import type { Call } from '../call.ts'
import type { GatewayPorts } from '../ports.ts'
import { readResidency } from '../residency.ts'
import { toolBlocked } from './check-tools.ts'
import { filterOf } from './filter-of.ts'
import { type AllowedTool, type HeldTool, holdTool } from './hold-tool.ts'
import { type AskedTool, type CallFormat, formatOf, readToolCall } from './read-tool-call.ts'
import { settleTool, type ToolEnd } from './settle-tool.ts'

/** Where tools are executed. */
export const EXECUTE_PATH = '/v1/mcp/tool/execute'
/** A snapshot can change between any two looks at it; more than this is no race but a bug. */
const MAX_LOOKS = 5

type Allowed = AllowedTool & { tool: string }

// What there is none of, and what is another tenant's, are told alike.
function allow(asked: AskedTool, snapshot: KeySnapshot, call: Call): Allowed {
  const { mcp = [], tenantId } = snapshot
  const decision = decideTool(asked.name, mcp, filterOf(call.request.headers))
  if (decision.kind === 'denied') throw toolBlocked([asked.name], decision.by, 'name')
  if (decision.kind === 'unknown') {
    throw new GatewayError('mcp_tool_unknown', `There is no tool '${asked.name}'.`, { param: 'name' })
  }
  const { server, tool } = decision
  const name = findClient(mcp, readToolName(asked.name)?.client ?? '')?.name ?? ''
  const placed = { ...server, tenantId, name }
  const timeoutMs = server.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const attribution = attribute(call.request.headers)
  return { call, attribution, snapshot, server: placed, name: `${name}-${tool}`, tool, timeoutMs }
}

// The key's meter is always asked: what was revoked a moment ago is not called by what an isolate remembers.
async function hold(asked: AskedTool, call: Call, ports: GatewayPorts): Promise<{ allowed: Allowed; held: HeldTool }> {
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const snapshot = await authenticateFully(call, ports)
    assertHeaders(snapshot, call.request.headers)
    const allowed = allow(asked, snapshot, call)
    const held = await holdTool(allowed, ports)
    if (held !== 'stale') return { allowed, held }
  }
  throw new GatewayError('meter_unavailable', 'The configuration of this key keeps changing; try again.')
}

function endOf(thrown: unknown): ToolEnd {
  const { code, status } = toGatewayError(thrown)
  const hasAnswered = code === 'mcp_server_error' || code === 'mcp_call_refused'
  return { outcome: hasAnswered ? 'provider_error' : 'unreachable', success: false, httpStatus: status }
}

async function run(asked: AskedTool, call: Call, ports: GatewayPorts): Promise<ToolResult> {
  const { allowed, held } = await hold(asked, call, ports)
  const settle = (end: ToolEnd) => ports.after(settleTool(held, { ...end, call }, ports))
  try {
    const result = await ports.callMcpTool(allowed.server, { tool: allowed.tool, arguments: asked.arguments })
    settle({ outcome: 'ok', success: !result.isError, httpStatus: 200 })
    return result
  } catch (thrown) {
    settle(endOf(thrown))
    throw thrown
  }
}

// To be put into the conversation as it is.
function render({ text, isError }: ToolResult, { id, name }: AskedTool, format: CallFormat): Response {
  const headers: Record<string, string> = isError ? { 'x-weir-tool-error': 'true' } : {}
  const body =
    format === 'chat'
      ? { role: 'tool', tool_call_id: id, name, content: text }
      : { type: 'function_call_output', call_id: id, name, output: text, status: isError ? 'incomplete' : 'completed' }
  return Response.json(body, { headers })
}

// Nothing says where an MCP server works.
function refuseResidency({ request }: Call): void {
  const area = readResidency(request.headers)
  if (!area) return
  const detail = `No MCP server is marked as working in '${area}', where x-residency wants this request to stay.`
  throw new GatewayError('residency_unavailable', detail, { param: 'x-residency' })
}

/**
 * `POST /v1/mcp/tool/execute`: calls one tool of an MCP server, once, for a key that may use it. It is a request of the key's, which
 * its limits count and its events tell, and which costs nothing.
 */
export async function executeTool(call: Call, ports: GatewayPorts): Promise<Response> {
  // First of all, so that a forged key has nothing read for it.
  authenticate(call.request.headers, ports)
  refuseResidency(call)
  const format = formatOf(call.request.url)
  const asked = readToolCall((await readBody(call.request, ports.settings.maxBodyBytes)).text, format)
  return render(await run(asked, call, ports), asked, format)
}
