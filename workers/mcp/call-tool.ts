import { CallResult } from '../contracts/mcp-messages.ts'
import { serverError } from './failure.ts'
import { withSession } from './with-session.ts'
import type { McpWorld, PlacedServer } from './world.ts'

/** What a tool answered, as text for a model. `isError`: the tool itself says that it failed, and why is in the text. */
export type ToolResult = { text: string; isError: boolean }

type Block = NonNullable<CallResult['content']>[number]

// What is no text a model is shown as the JSON that it came as.
function textOfBlock(block: Block): string {
  if (block.type === 'text' && typeof block.text === 'string') return block.text
  const { text } = (block.resource ?? {}) as { text?: unknown }
  return block.type === 'resource' && typeof text === 'string' ? text : JSON.stringify(block)
}

function resultText({ content, structuredContent }: CallResult): string {
  if (content?.length) return content.map(textOfBlock).join('\n')
  return structuredContent === undefined ? '' : JSON.stringify(structuredContent)
}

/** A tool of a server, and the arguments that it is called with. */
export type ToolCall = { tool: string; arguments: Record<string, unknown> }

/** Calls a tool, once. Throws what is wrong with the server, or that it refused the call. */
export async function callTool(server: PlacedServer, call: ToolCall, world: McpWorld): Promise<ToolResult> {
  const params = { name: call.tool, arguments: call.arguments }
  const answer = await withSession(server, world, channel => channel.request('tools/call', params))
  const result = CallResult.safeParse(answer)
  if (!result.success) throw serverError('it answered something that is no result of a tool.')
  return { text: resultText(result.data), isError: result.data.isError === true }
}
