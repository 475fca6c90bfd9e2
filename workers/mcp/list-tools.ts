import { ToolsPage } from '../contracts/mcp-messages.ts'
import type { McpTool } from '../core/mcp/mcp-client.ts'
import type { Channel } from './channel.ts'
import { serverError } from './failure.ts'
import { withSession } from './with-session.ts'
import type { McpWorld, PlacedServer } from './world.ts'

const MAX_PAGES = 20
const MAX_TOOLS = 500
/** A row of D1 holds 2 MB. */
const MAX_CHARS = 512 * 1024

function toolOf({ name, description, inputSchema }: ToolsPage['tools'][number]): McpTool {
  return { name, ...(description != null && { description }), parameters: inputSchema ?? { type: 'object' } }
}

async function readPages(channel: Channel): Promise<McpTool[]> {
  const tools: McpTool[] = []
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = ToolsPage.safeParse(await channel.request('tools/list', cursor === undefined ? {} : { cursor }))
    if (!answer.success) throw serverError('it answered something that is no list of tools.')
    tools.push(...answer.data.tools.map(toolOf))
    cursor = answer.data.nextCursor ?? undefined
    if (cursor === undefined) return tools
  }
  throw serverError(`its list of tools has more than ${MAX_PAGES} pages.`)
}

/** All tools that a server says it has. Throws what is wrong with the server. */
export async function listTools(server: PlacedServer, world: McpWorld): Promise<McpTool[]> {
  return withSession(server, world, async channel => {
    const tools = await readPages(channel)
    const isTooLarge = tools.length > MAX_TOOLS || JSON.stringify(tools).length > MAX_CHARS
    if (isTooLarge)
      throw serverError(`it has more than ${MAX_TOOLS} tools, or they are longer than ${MAX_CHARS} characters.`)
    return tools
  })
}
