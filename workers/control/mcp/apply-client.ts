import type { McpClientInput } from '../../contracts/mcp-client-input.ts'
import type { McpClientRow } from '../../db/find-mcp-clients.ts'
import { checkTools } from '../governance/apply-mcp-configs.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlPorts } from '../ports.ts'
import { readAddress } from '../provider-keys/read-base-url.ts'
import { readHeaders } from './read-headers.ts'
import { readTransport, refuseUnsupported } from './refuse-unsupported.ts'

const NAME = /^[A-Za-z0-9_]{1,48}$/
const MAX_TIMEOUT_S = 600

function nameOf({ name: given }: McpClientInput, current: McpClientRow): string {
  const name = given ?? current.name
  if (!name) throw invalid('name is required')
  if (NAME.test(name)) return name
  // A hyphen ends it in the names of its tools.
  throw invalid('name must be 1 to 48 letters, digits and underscores')
}

function urlOf({ connection_string: given }: McpClientInput, current: McpClientRow, ports: ControlPorts): string {
  if (given) return readAddress(given, 'connection_string', ports)
  if (!current.url) throw invalid('connection_string is required')
  return current.url
}

// 0 is what Bifrost's clients say for what is not set.
function timeoutOf({ tool_execution_timeout: seconds }: McpClientInput, current: McpClientRow): number | null {
  if (seconds == null) return current.timeoutMs
  if (seconds >= 0 && seconds <= MAX_TIMEOUT_S) return seconds === 0 ? null : seconds * 1000
  throw invalid(`tool_execution_timeout must be a whole number of seconds from 0 to ${MAX_TIMEOUT_S}`)
}

function isActive({ is_active, disabled }: McpClientInput, current: McpClientRow): boolean {
  if (is_active != null && disabled != null && is_active === disabled) {
    throw invalid('is_active and disabled contradict each other: send one of them')
  }
  return is_active ?? (disabled == null ? current.isActive : !disabled)
}

/** A server after a change: what the body does not name stays. Throws `request_invalid`, and writes nothing. */
export async function applyClient(
  current: McpClientRow,
  input: McpClientInput,
  ports: ControlPorts,
): Promise<McpClientRow> {
  refuseUnsupported(input)
  const name = nameOf(input, current)
  const tools = input.tools_to_execute ?? current.tools
  checkTools('tools_to_execute', tools, name)
  return {
    ...current,
    ...{ name, tools },
    transport: input.connection_type ? readTransport(input.connection_type) : current.transport,
    url: urlOf(input, current, ports),
    headers: input.headers ? await readHeaders(input.headers, current, ports) : current.headers,
    allowOnAllKeys: input.allow_on_all_virtual_keys ?? current.allowOnAllKeys,
    isActive: isActive(input, current),
    timeoutMs: timeoutOf(input, current),
    updatedMs: ports.nowMs(),
  }
}
