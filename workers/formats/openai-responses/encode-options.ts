import type { OutputShape, Reasoning, Tool, ToolChoice } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'

/** A function. Without `strict` this wire would take it for strict, and make every argument required. */
export function functionTool({ name, description, schema, strict = false }: Tool): Json {
  return { type: 'function', name, ...given({ description }), parameters: schema, strict }
}

/** Which tools must be called. */
export function toolChoice(choice: ToolChoice): unknown {
  return choice.kind === 'tool' ? { type: 'function', name: choice.name } : choice.kind
}

function schemaFormat({ name, description, schema, strict }: Extract<OutputShape, { kind: 'schema' }>): Json {
  return { type: 'json_schema', name, schema, ...given({ description, strict }) }
}

/** The `text` option of a shape. */
export function textOption(output: OutputShape): Json {
  if (output.kind === 'schema') return { format: schemaFormat(output) }
  return { format: { type: output.kind === 'text' ? 'text' : 'json_object' } }
}

/** The `reasoning` option; a budget of nothing is said by the effort `none`. */
export function reasoningOption({ effort, budgetTokens, isShown }: Reasoning): Json {
  const none = budgetTokens === 0 ? ('none' as const) : undefined
  return given({ effort: effort ?? none, summary: isShown ? 'auto' : undefined })
}

/** Refuses how much to think where it is a number of tokens. */
export function refuseBudget({ budgetTokens = 0 }: Reasoning): void {
  if (budgetTokens > 0)
    throw untranslatable('reasoning.budget_tokens', 'this wire says how much to think by word: name an effort instead')
}
