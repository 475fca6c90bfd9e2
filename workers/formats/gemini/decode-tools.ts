import type { Tool, ToolChoice } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import type { Fields } from './fields.ts'
import { given } from './given.ts'
import { invalid } from './invalid.ts'
import { jsonSchema } from './json-schema.ts'
import { plainJson } from './plain-json.ts'

type Calling = { mode: string; names: string[] }

function schemaOf(declaration: Fields): Json {
  if (declaration.has('parametersJsonSchema')) return plainJson(declaration.record('parametersJsonSchema')) as Json
  if (!declaration.has('parameters')) return { type: 'object', properties: {} }
  return jsonSchema(plainJson(declaration.record('parameters'))) as Json
}

function decodeTool(declaration: Fields): Tool {
  declaration.refuseOthers(['name', 'description', 'parameters', 'parametersJsonSchema'])
  const description = given({ description: declaration.text('description') })
  return { name: declaration.need('name'), ...description, schema: schemaOf(declaration) }
}

function decodeDeclarations(tool: Fields): Tool[] {
  tool.refuseOthers(['functionDeclarations'])
  return tool.children('functionDeclarations').map(decodeTool)
}

function callingOf(request: Fields): { calling: Calling; at: Fields } | undefined {
  const config = request.child('toolConfig')
  config?.refuseOthers(['functionCallingConfig'])
  const at = config?.child('functionCallingConfig')
  if (!at) return undefined
  at.refuseOthers(['mode', 'allowedFunctionNames'])
  return { calling: { mode: at.text('mode') ?? 'AUTO', names: at.texts('allowedFunctionNames') ?? [] }, at }
}

// Other wires can force one function or any; a choice of some is none of both.
function forcedChoice({ names }: Calling, tools: Tool[]): ToolChoice | undefined {
  const [name, ...more] = names
  if (name !== undefined && more.length === 0) return { kind: 'tool', name }
  return tools.every(tool => names.length === 0 || names.includes(tool.name)) ? { kind: 'required' } : undefined
}

function choiceOf(calling: Calling, tools: Tool[]): ToolChoice | undefined {
  const { mode, names } = calling
  if (mode === 'ANY') return forcedChoice(calling, tools)
  if (names.length > 0 && !tools.every(tool => names.includes(tool.name))) return undefined
  return { kind: mode === 'NONE' ? 'none' : 'auto' }
}

/** The functions that a request offers, and which must be called. Throws `untranslatable` for Google's own tools. */
export function decodeTools(request: Fields): { tools: Tool[]; toolChoice?: ToolChoice } {
  const tools = request.children('tools').flatMap(decodeDeclarations)
  const { calling, at } = callingOf(request) ?? {}
  if (!calling || !at) return { tools }
  if (!['AUTO', 'ANY', 'NONE', 'VALIDATED', 'MODE_UNSPECIFIED'].includes(calling.mode))
    throw invalid(at.path('mode'), 'must be AUTO, ANY, NONE or VALIDATED')
  const toolChoice = choiceOf(calling, tools)
  if (!toolChoice) throw untranslatable(at.path('allowedFunctionNames'), 'other wires take one function, or all')
  const isValidated = calling.mode === 'VALIDATED'
  return { tools: isValidated ? tools.map(tool => ({ ...tool, strict: true })) : tools, toolChoice }
}
