import type { ConfigFile } from './file-schema.ts'
import { type Declared, orNone, type Secrets, type Spec, tidy } from './object.ts'
import type { Path } from './problem.ts'
import type { secretReader } from './secret.ts'

type ClientSpec = NonNullable<ConfigFile['mcp_clients']>[number]

const DEFAULTS = { tools_to_execute: [], tool_execution_timeout: 0, allow_on_all_virtual_keys: false, is_active: true }

/** An MCP server as a spec has it, its headers masked. */
export function clientSpec(client: ClientSpec, headers: { [name: string]: string }): Spec {
  const { name, connection_type, connection_string, tools_to_execute } = client
  const { tool_execution_timeout, allow_on_all_virtual_keys, is_active } = client
  const address = new URL(connection_string).href
  return tidy(
    {
      ...{ name, connection_type, connection_string: address, tools_to_execute, headers: orNone<Spec>(headers) },
      ...{ tool_execution_timeout, allow_on_all_virtual_keys, is_active },
    },
    DEFAULTS,
  )
}

function declareClient(client: ClientSpec, path: Path, { read }: ReturnType<typeof secretReader>): Declared {
  const given = Object.entries(client.headers ?? {}).flatMap(([name, text]) => {
    const secret = read(text, [...path, 'headers', name])
    return secret ? [[name, secret] as const] : []
  })
  const shown = Object.fromEntries(given.map(([name, secret]) => [name, secret.shown]))
  const secrets: Secrets = Object.fromEntries(given.map(([name, secret]) => [name, secret.sent]))
  return { kind: 'mcp_client', name: client.name, spec: clientSpec(client, shown), path, refs: [], secrets }
}

/** The MCP servers of a file. */
export function declareMcp({ mcp_clients = [] }: ConfigFile, reader: ReturnType<typeof secretReader>): Declared[] {
  return mcp_clients.map((one, index) => declareClient(one, ['mcp_clients', index], reader))
}
