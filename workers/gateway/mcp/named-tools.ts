import { asRecord } from '../../formats/as-record.ts'

const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(asRecord) : [])

// As the four conversations say it: OpenAI's chat (`function`, `custom`, and `functions` of old), its responses and
// Anthropic's messages (at the tool itself), Gemini's (`functionDeclarations`, in either spelling).
function toolsIn(tool: Record<string, unknown>): Record<string, unknown>[] {
  const declared = [...listOf(tool.functionDeclarations), ...listOf(tool.function_declarations)]
  return [tool, asRecord(tool.function), asRecord(tool.custom), ...declared]
}

/** The names of the tools that a request gives its model, whatever wire it is on. */
export function namedTools(raw: Record<string, unknown>): string[] {
  const given = [...listOf(raw.tools).flatMap(toolsIn), ...listOf(raw.functions)]
  return given.flatMap(({ name }) => (typeof name === 'string' ? [name] : []))
}
