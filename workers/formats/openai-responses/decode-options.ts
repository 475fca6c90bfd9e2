import type { OutputShape, Reasoning } from '../chat.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import {
  allowOnly,
  at,
  type Field,
  optional,
  readBoolean,
  readList,
  readObject,
  readText,
  readWhole,
  readWord,
} from './field.ts'

function readSchemaFormat(format: Field): OutputShape {
  allowOnly(format, ['type', 'name', 'description', 'schema', 'strict'])
  return {
    kind: 'schema',
    name: readText(at(format, 'name')),
    schema: readObject(at(format, 'schema')),
    ...given({
      description: optional(at(format, 'description'), readText),
      strict: optional(at(format, 'strict'), readBoolean),
    }),
  }
}

function readFormat(format: Field): OutputShape {
  const type = readWord(at(format, 'type'), ['text', 'json_object', 'json_schema'])
  if (type === 'json_schema') return readSchemaFormat(format)
  allowOnly(format, ['type'])
  return { kind: type === 'text' ? 'text' : 'json' }
}

/** What shape `text` wants. Its verbosity is told to no other model; `medium` is what is so without it. */
export function readShape(text: Field): OutputShape | undefined {
  allowOnly(text, at(text, 'verbosity').value === 'medium' ? ['format', 'verbosity'] : ['format'])
  return optional(at(text, 'format'), readFormat)
}

const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const
const SUMMARIES = ['auto', 'concise', 'detailed'] as const

function readEffort(field: Field): (typeof EFFORTS)[number] {
  if (field.value === 'max') throw untranslatable(field.path, 'no other wire has the effort max')
  return readWord(field, EFFORTS)
}

function readSummary(field: Field): true {
  readWord(field, SUMMARIES)
  return true
}

/** How much to think. How long a summary shall be is a hint. */
export function readReasoningOption(reasoning: Field): Reasoning {
  const defaults = { context: 'auto', mode: 'standard' }
  const unchanged = Object.entries(defaults).filter(([key, value]) => at(reasoning, key).value === value)
  allowOnly(reasoning, ['effort', 'summary', 'generate_summary', ...unchanged.map(([key]) => key)])
  const summary = optional(at(reasoning, 'summary'), readSummary)
  const isShown = summary ?? optional(at(reasoning, 'generate_summary'), readSummary)
  return given({ effort: optional(at(reasoning, 'effort'), readEffort), isShown })
}

/** Log probabilities are asked for in `include`, and how many others in `top_logprobs`. What else it names, only OpenAI's tools have. */
export function readLogprobsOption(request: Field): { top: number } | undefined {
  const included = optional(at(request, 'include'), readList) ?? []
  const isAsked = included.map(readText).includes('message.output_text.logprobs')
  const top = optional(at(request, 'top_logprobs'), readWhole) ?? 0
  return isAsked || top > 0 ? { top } : undefined
}
