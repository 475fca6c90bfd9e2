import type { OutputShape, Reasoning } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { given } from './given.ts'
import { invalid, optional, readObject, readText, readWhole, refuseOthers } from './read-fields.ts'

type Effort = NonNullable<Reasoning['effort']>

// Some wires want a name for a schema; this one has none.
const SCHEMA_NAME = 'output'

/** The words for effort that this wire and the others have in common. */
export const EFFORTS: readonly Effort[] = ['low', 'medium', 'high', 'xhigh']

function decodeFormat(value: unknown, path: string): OutputShape {
  const format = readObject(value, path)
  refuseOthers(format, ['type', 'schema'], path)
  if (format.type !== 'json_schema') throw invalid(`${path}.type`, 'must be "json_schema"')
  return { kind: 'schema', name: SCHEMA_NAME, schema: readObject(format.schema, `${path}.schema`), strict: true }
}

function readEffort(value: unknown, param: string): Effort {
  const effort = EFFORTS.find(word => word === readText(value, param))
  if (!effort) throw untranslatable(param, `no other wire has the effort ${JSON.stringify(value)}`)
  return effort
}

function readDisplay(value: unknown, param: string): boolean {
  if (value !== 'summarized' && value !== 'omitted') throw invalid(param, 'must be "summarized" or "omitted"')
  return value === 'summarized'
}

function decodeThinking(value: unknown): Reasoning {
  const thinking = optional(readObject)(value, 'thinking')
  if (!thinking) return {}
  refuseOthers(thinking, ['type', 'budget_tokens', 'display'], 'thinking')
  const isShown = optional(readDisplay)(thinking.display, 'thinking.display')
  switch (thinking.type) {
    case 'disabled':
      return { budgetTokens: 0 }
    case 'enabled':
      return given({ budgetTokens: readWhole(thinking.budget_tokens, 'thinking.budget_tokens'), isShown })
    case 'adaptive':
      return given({ isAdaptive: true, isShown })
    default:
      throw untranslatable('thinking.type', `no other wire has the type ${JSON.stringify(thinking.type)}`)
  }
}

// Effort is the measure of adaptive thinking: beside it, that it is adaptive says nothing more.
function decodeReasoning(thinking: unknown, effort: Effort | undefined): Reasoning | undefined {
  const { isAdaptive, ...rest } = decodeThinking(thinking)
  const reasoning = given({ ...rest, effort, isAdaptive: effort === undefined ? isAdaptive : undefined })
  return Object.keys(reasoning).length > 0 ? reasoning : undefined
}

/** The answer's shape and the thinking before it. `output_format` is the older place of `output_config.format`. */
export function decodeOutput({ output_config, output_format, thinking }: Json) {
  const config = optional(readObject)(output_config, 'output_config') ?? {}
  refuseOthers(config, ['effort', 'format'], 'output_config')
  const format = optional(decodeFormat)
  return {
    output: format(config.format, 'output_config.format') ?? format(output_format, 'output_format'),
    reasoning: decodeReasoning(thinking, optional(readEffort)(config.effort, 'output_config.effort')),
  }
}
