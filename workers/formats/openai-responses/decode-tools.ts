import type { Tool, ToolChoice } from '../chat.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import { allowOnly, at, type Field, optional, readBoolean, readList, readObject, readText, readWord } from './field.ts'

const NO_ARGUMENTS = { type: 'object', properties: {} }

/** Members of a tool that say what is so without them. */
function defaultsOf(tool: Field): string[] {
  const isDirect = JSON.stringify(at(tool, 'allowed_callers').value) === '["direct"]'
  const isLoaded = at(tool, 'defer_loading').value === false
  return [...(isDirect ? ['allowed_callers'] : []), ...(isLoaded ? ['defer_loading'] : [])]
}

function readTool(tool: Field): Tool {
  const type = at(tool, 'type')
  if (readText(type) !== 'function')
    throw untranslatable(
      type.path,
      `a tool of the type ${JSON.stringify(type.value)} is OpenAI's own; only functions are known to all`,
    )
  allowOnly(tool, ['type', 'name', 'description', 'parameters', 'strict', ...defaultsOf(tool)])
  return {
    name: readText(at(tool, 'name')),
    schema: optional(at(tool, 'parameters'), readObject) ?? NO_ARGUMENTS,
    ...given({
      description: optional(at(tool, 'description'), readText),
      strict: optional(at(tool, 'strict'), readBoolean),
    }),
  }
}

/** The functions that may be called. All other tools are run by OpenAI, and refused. */
export function readTools(tools: Field): Tool[] {
  return readList(tools).map(readTool)
}

/** Which of them must be. */
export function readToolChoice(choice: Field): ToolChoice {
  if (typeof choice.value === 'string') return { kind: readWord(choice, ['auto', 'none', 'required']) }
  readObject(choice)
  const type = at(choice, 'type')
  if (readText(type) !== 'function') throw untranslatable(type.path, 'only a function can be chosen everywhere')
  allowOnly(choice, ['type', 'name'])
  return { kind: 'tool', name: readText(at(choice, 'name')) }
}
