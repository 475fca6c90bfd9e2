import type { Tool, ToolChoice } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { decodeCacheMark } from './cache-mark.ts'
import { given } from './given.ts'
import { invalid, optional, readFlag, readList, readObject, readText, refuseOthers } from './read-fields.ts'

const KNOWN = ['type', 'name', 'description', 'input_schema', 'strict', 'cache_control', 'eager_input_streaming']

function refuseServerTool({ type, name }: Json, path: string): void {
  if (type === undefined || type === null || type === 'custom') return
  throw untranslatable(path, `no other wire has Anthropic's own tool ${String(name ?? type)} (${String(type)})`)
}

/** Members whose usual value says nothing. */
function refuseUnusual(tool: Json, path: string): Json {
  const { defer_loading, allowed_callers, input_examples, ...rest } = tool
  if (defer_loading === true) throw untranslatable(`${path}.defer_loading`, 'no other wire searches for tools')
  const callers = optional((list, param) => readList(list, param, readText))(allowed_callers, `${path}.allowed_callers`)
  if (callers?.some(caller => caller !== 'direct')) {
    throw untranslatable(`${path}.allowed_callers`, 'no other wire lets one tool call another')
  }
  if (Array.isArray(input_examples) && input_examples.length > 0) {
    throw untranslatable(`${path}.input_examples`, 'no other wire has examples of calls')
  }
  return rest
}

function decodeTool(value: unknown, path: string): Tool {
  const tool = readObject(value, path)
  refuseServerTool(tool, path)
  refuseOthers(refuseUnusual(tool, path), KNOWN, path)
  return given({
    name: readText(tool.name, `${path}.name`),
    description: optional(readText)(tool.description, `${path}.description`),
    schema: readObject(tool.input_schema, `${path}.input_schema`),
    strict: optional(readFlag)(tool.strict, `${path}.strict`),
    cache: decodeCacheMark(tool.cache_control, `${path}.cache_control`),
  })
}

function decodeKind(choice: Json): ToolChoice {
  switch (choice.type) {
    case 'auto':
    case 'none':
      return { kind: choice.type }
    case 'any':
      return { kind: 'required' }
    case 'tool':
      return { kind: 'tool', name: readText(choice.name, 'tool_choice.name') }
    default:
      throw invalid('tool_choice.type', 'must be "auto", "any", "tool" or "none"')
  }
}

function decodeChoice(value: unknown): { toolChoice?: ToolChoice; parallelToolCalls?: boolean } {
  const choice = optional(readObject)(value, 'tool_choice')
  if (!choice) return {}
  refuseOthers(choice, ['type', 'name', 'disable_parallel_tool_use'], 'tool_choice')
  const isSerial = optional(readFlag)(choice.disable_parallel_tool_use, 'tool_choice.disable_parallel_tool_use')
  return given({ toolChoice: decodeKind(choice), parallelToolCalls: isSerial === undefined ? undefined : !isSerial })
}

/** The client's tools, and which of them must be called. Tools that run at Anthropic are refused by name. */
export function decodeTools({ tools, tool_choice }: Json) {
  return { tools: readList(tools ?? [], 'tools', decodeTool), ...decodeChoice(tool_choice) }
}
