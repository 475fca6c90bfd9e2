import type { ControlContext } from '../http/env.ts'

/** `GET /api/mcp/clients`: none can be added, so none is there; clients of Bifrost ask all the same. */
export function listClients(c: ControlContext): Response {
  return c.json({ clients: [], count: 0, total_count: 0, limit: 0, offset: 0 })
}
