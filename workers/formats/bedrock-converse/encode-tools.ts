import type { ChatAsk, Tool, ToolChoice } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { cachePoint } from './encode-part.ts'

function wireTool({ name, description, schema, strict, cache }: Tool): Json[] {
  const toolSpec = {
    name,
    description: description || undefined,
    inputSchema: { json: schema },
    // Said only where it is wanted: not every model knows it.
    strict: strict || undefined,
  }
  return [{ toolSpec }, ...(cache ? [cachePoint(cache)] : [])]
}

function wireChoice(choice: ToolChoice | undefined): Json | undefined {
  if (choice === undefined) return undefined
  if (choice.kind === 'tool') return { tool: { name: choice.name } }
  return choice.kind === 'required' ? { any: {} } : { auto: {} }
}

function hasToolParts(ask: ChatAsk): boolean {
  return ask.messages.some(({ parts }) => parts.some(({ kind }) => kind === 'tool_call' || kind === 'tool_result'))
}

// Converse has no word for it. To name no tools is the same, but where calls are in the messages it demands tools.
function refuseNone(ask: ChatAsk): undefined {
  if (hasToolParts(ask)) throw untranslatable('tool_choice', 'Bedrock cannot forbid tools once some were called')
}

/** `toolConfig`; `undefined` where there are no tools, or none may be called. Throws `untranslatable`. */
export function encodeTools(ask: ChatAsk): Json | undefined {
  const { tools, toolChoice: choice } = ask
  if (ask.parallelToolCalls === false) {
    throw untranslatable('parallel_tool_calls', 'Bedrock cannot forbid calls at the same time')
  }
  if (choice?.kind === 'none') return refuseNone(ask)
  if (tools.length > 0) return { tools: tools.flatMap(wireTool), toolChoice: wireChoice(choice) }
  if (choice && choice.kind !== 'auto') throw untranslatable('tool_choice', 'Bedrock needs tools to choose from')
  return undefined
}
