import type { ChatAsk, Tool, ToolChoice } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { given } from './given.ts'
import { hasNoParameters } from './json-schema.ts'

const MODES = { auto: 'AUTO', none: 'NONE', required: 'ANY' } as const

function encodeTool({ name, description, schema }: Tool): Json {
  const parameters = hasNoParameters(schema) ? {} : { parametersJsonSchema: schema }
  return { name, ...given({ description }), ...parameters }
}

// Arguments follow their schema where a call is forced; where it is not, only in the mode that is named for it.
function callingConfig(choice: ToolChoice | undefined, isStrict: boolean): Json | undefined {
  if (choice?.kind === 'tool') return { mode: 'ANY', allowedFunctionNames: [choice.name] }
  if (isStrict && (choice === undefined || choice.kind === 'auto')) return { mode: 'VALIDATED' }
  return choice && { mode: MODES[choice.kind] }
}

/** `tools` and `toolConfig`. Throws `untranslatable` where calls may not be parallel: Gemini has no switch for that. */
export function encodeTools({ tools, toolChoice, parallelToolCalls }: ChatAsk): Json {
  const isParallel = parallelToolCalls ?? true
  if (!isParallel && tools.length > 0) throw untranslatable('parallel_tool_calls', 'Gemini cannot be held to one call')
  const config = callingConfig(
    toolChoice,
    tools.some(tool => tool.strict === true),
  )
  return {
    ...(tools.length > 0 && { tools: [{ functionDeclarations: tools.map(encodeTool) }] }),
    ...(config && { toolConfig: { functionCallingConfig: config } }),
  }
}
