import type { ChatAsk, OutputShape, Reasoning } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { EFFORTS } from './decode-output.ts'

function encodeDisplay({ isShown }: Reasoning): Json {
  return isShown === undefined ? {} : { display: isShown ? 'summarized' : 'omitted' }
}

// What is asked for by word is adaptive thinking: the word itself is `output_config.effort`.
function encodeThinking(reasoning: Reasoning = {}): Json | undefined {
  const { effort, budgetTokens, isAdaptive, isShown } = reasoning
  if (budgetTokens === 0 || effort === 'none') return { type: 'disabled' }
  if (budgetTokens !== undefined) return { type: 'enabled', budget_tokens: budgetTokens, ...encodeDisplay(reasoning) }
  return effort || isAdaptive || isShown ? { type: 'adaptive', ...encodeDisplay(reasoning) } : undefined
}

function encodeEffort(effort: Reasoning['effort']): Json {
  if (effort === undefined || effort === 'none') return {}
  if (EFFORTS.includes(effort)) return { effort }
  throw untranslatable('reasoning_effort', `this wire has no effort ${JSON.stringify(effort)}`)
}

// A schema's description is the only place here for what the format is said to be for.
function describe({ description, schema }: Extract<OutputShape, { kind: 'schema' }>): Json {
  if (description === undefined) return schema
  const own = typeof schema.description === 'string' ? `\n\n${schema.description}` : ''
  return { ...schema, description: description + own }
}

function encodeFormat(output: OutputShape | undefined): Json {
  if (output === undefined || output.kind === 'text') return {}
  if (output.kind === 'json') throw untranslatable('response_format', 'this wire has JSON answers by a schema only')
  return { format: { type: 'json_schema', schema: describe(output) } }
}

/** `thinking` and `output_config`, each where there is something to say. */
export function encodeOutput({ output, reasoning }: ChatAsk): Json {
  const thinking = encodeThinking(reasoning)
  const config = { ...encodeEffort(reasoning?.effort), ...encodeFormat(output) }
  return { ...(thinking && { thinking }), ...(Object.keys(config).length > 0 && { output_config: config }) }
}
