import type { ChatAsk, Tool } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'

function wireTool({ name, description, schema }: Tool): Json {
  return { type: 'function', function: { name, description, parameters: schema } }
}

/** Cohere is strict with all tools or with none. */
function strictTools(tools: Tool[]): true | undefined {
  const lax = tools.findIndex(({ strict }) => strict !== true)
  if (lax >= 0 && tools.some(({ strict }) => strict === true)) {
    throw untranslatable(`tools.${lax}.strict`, 'Cohere is strict with all tools or with none')
  }
  return tools.length > 0 && lax < 0 ? true : undefined
}

function toolChoice({ tools, toolChoice: choice }: ChatAsk): string | undefined {
  if (choice === undefined || choice.kind === 'auto') return undefined
  if (choice.kind === 'none') return 'NONE'
  const isOnly = choice.kind === 'tool' && tools.length === 1 && tools[0]?.name === choice.name
  if (choice.kind === 'required' || isOnly) return 'REQUIRED'
  throw untranslatable('tool_choice', 'Cohere cannot demand one tool among several')
}

/** `tools`, `strict_tools` and `tool_choice`. Throws `untranslatable`. */
export function encodeTools(ask: ChatAsk): Json {
  if (ask.parallelToolCalls === false) {
    throw untranslatable('parallel_tool_calls', 'Cohere cannot forbid calls at the same time')
  }
  return {
    tools: ask.tools.length > 0 ? ask.tools.map(wireTool) : undefined,
    strict_tools: strictTools(ask.tools),
    tool_choice: toolChoice(ask),
  }
}
