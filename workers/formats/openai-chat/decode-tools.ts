import type { ChatAsk, Tool, ToolChoice } from '../chat.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import { decodeCacheMark } from './decode-part.ts'
import { Fields, invalid } from './fields.ts'

/** What a request says of tools. */
export type ToolFields = Pick<ChatAsk, 'tools' | 'toolChoice' | 'parallelToolCalls' | 'wantsFunctionCall'>

function decodeFunction(fields: Fields): Tool {
  fields.onlyKnown(['name', 'description', 'parameters', 'strict', 'cache_control'])
  return given({
    name: fields.needText('name'),
    description: fields.text('description'),
    // Left out, it is an empty parameter list. Source: OpenAI API, FunctionDefinition.
    schema: fields.record('parameters') ?? { type: 'object', properties: {} },
    strict: fields.flag('strict'),
    cache: decodeCacheMark(fields),
  })
}

function decodeTool(fields: Fields): Tool {
  if (fields.needText('type') !== 'function') {
    throw untranslatable(fields.at('type'), 'only functions can be translated, neither custom nor built-in tools')
  }
  fields.onlyKnown(['type', 'function', 'cache_control'])
  return given({ ...decodeFunction(fields.needFields('function')), cache: decodeCacheMark(fields) })
}

function namedChoice(choice: Fields): ToolChoice {
  choice.onlyKnown(['type', 'function'])
  return { kind: 'tool', name: choice.needFields('function').needText('name') }
}

/** Some of the tools: those that are not allowed are not told of. */
function allowedTools(choice: Fields, tools: Tool[]): ToolFields {
  const allowed = choice.needFields('allowed_tools')
  allowed.onlyKnown(['mode', 'tools'])
  const names = allowed.each('tools').map(tool => tool.needFields('function').needText('name'))
  const kind = allowed.oneOf('mode', ['auto', 'required']) ?? 'auto'
  return { tools: tools.filter(tool => names.includes(tool.name)), toolChoice: { kind } }
}

function withChoice(request: Fields, tools: Tool[]): ToolFields {
  const choice = request.get('tool_choice')
  if (choice === undefined) return { tools }
  if (typeof choice === 'string') {
    return given({ tools, toolChoice: kindOf(request.oneOf('tool_choice', ['auto', 'none', 'required'])) })
  }
  const fields = new Fields(choice, request.at('tool_choice'))
  const type = fields.oneOf('type', ['function', 'allowed_tools', 'custom'])
  if (type === 'allowed_tools') return allowedTools(fields, tools)
  if (type === 'function') return { tools, toolChoice: namedChoice(fields) }
  throw untranslatable(fields.at('type'), 'no other wire has custom tools')
}

function kindOf(kind: 'auto' | 'none' | 'required' | undefined): ToolChoice | undefined {
  return kind && { kind }
}

function functionChoice(request: Fields): ToolChoice | undefined {
  if (typeof request.get('function_call') === 'string') return kindOf(request.oneOf('function_call', ['auto', 'none']))
  const named = request.fields('function_call')
  return named && { kind: 'tool', name: named.needText('name') }
}

/** The older `functions`, of which one at most is called in an answer. */
function decodeFunctions(request: Fields): ToolFields {
  const tools = request.each('functions').map(decodeFunction)
  return given({ tools, toolChoice: functionChoice(request), parallelToolCalls: false, wantsFunctionCall: true })
}

/** Tools and how they may be called, in the newer words or the older. */
export function decodeTools(request: Fields): ToolFields {
  const isOlder = request.get('functions') !== undefined || request.get('function_call') !== undefined
  if (!isOlder) {
    const fields = withChoice(request, request.each('tools').map(decodeTool))
    return given({ ...fields, parallelToolCalls: request.flag('parallel_tool_calls') })
  }
  if (request.get('tools') !== undefined) throw invalid('functions', 'must not be sent with tools')
  return decodeFunctions(request)
}
