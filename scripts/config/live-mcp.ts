import { clientSpec } from './declare-mcp.ts'
import type { Shown } from './live-groups.ts'
import { secretText } from './secret.ts'

// biome-ignore lint/suspicious/noExplicitAny: as the API answers
type Row = any

/** MCP servers as specs have them. */
export function liveMcp(rows: Row[]): Shown[] {
  return rows.map(({ config }) => {
    const headers = Object.entries(config.headers).map(([name, shown]) => [name, secretText(String(shown))])
    const spec = clientSpec(config, Object.fromEntries(headers))
    return { kind: 'mcp_client', name: config.name, id: config.client_id, spec }
  })
}
