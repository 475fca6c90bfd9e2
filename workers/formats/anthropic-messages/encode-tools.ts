import type { ChatAsk, Tool, ToolChoice } from '../chat.ts'
import type { Json } from '../codec.ts'
import { encodeCacheMark } from './cache-mark.ts'

function encodeTool({ name, description, schema, strict, cache }: Tool): Json {
  return {
    name,
    ...(description !== undefined && { description }),
    input_schema: 'type' in schema ? schema : { type: 'object', ...schema },
    ...(strict !== undefined && { strict }),
    ...encodeCacheMark(cache),
  }
}

function encodeKind(choice: ToolChoice): Json {
  if (choice.kind === 'tool') return { type: 'tool', name: choice.name }
  return { type: choice.kind === 'required' ? 'any' : choice.kind }
}

// That calls may be parallel is how it is where nobody says otherwise, so alone it needs no `tool_choice`.
function encodeChoice({ toolChoice, parallelToolCalls: parallel }: ChatAsk): Json {
  if (toolChoice === undefined && parallel !== false) return {}
  const choice = encodeKind(toolChoice ?? { kind: 'auto' })
  const isSaid = parallel !== undefined && choice.type !== 'none'
  return { tool_choice: { ...choice, ...(isSaid && { disable_parallel_tool_use: !parallel }) } }
}

/** `tools` and `tool_choice`. Where there are no tools, that none need be called goes without saying: Anthropic refuses it. */
export function encodeTools(ask: ChatAsk): Json {
  if (ask.tools.length > 0) return { tools: ask.tools.map(encodeTool), ...encodeChoice(ask) }
  const isIdle = !ask.toolChoice || ask.toolChoice.kind === 'auto' || ask.toolChoice.kind === 'none'
  return isIdle ? {} : encodeChoice(ask)
}
