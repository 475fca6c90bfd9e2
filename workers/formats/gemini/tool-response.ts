import { parseLossless } from '../../contracts/lossless-json.ts'
import type { Json } from '../codec.ts'

/** What a tool answered, as text. */
export type ToolOutput = { text: string; isError: boolean }

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

// Only a text that is printed the same again: a tool's words are not to change on their way.
function parsed(text: string): unknown {
  if (!/^[[{]/.test(text)) return undefined
  try {
    const value = parseLossless(text)
    return JSON.stringify(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

function isPlainOutput(response: unknown): response is Json {
  if (typeof response !== 'object' || response === null || Array.isArray(response)) return false
  return Object.keys(response).length > 0 && !('output' in response) && !('error' in response)
}

/** The text of a function's `response`. Gemini reads `output` and `error` there; all else is the output, whole. */
export function readResponse(response: Json): ToolOutput {
  const [key, ...more] = Object.keys(response)
  if (key === undefined) return { text: '', isError: false }
  const isNamed = more.length === 0 && (key === 'output' || key === 'error')
  return { text: asText(isNamed ? response[key] : response), isError: isNamed && key === 'error' }
}

/** A function's `response` from text: an object or a list where the text is its JSON, else the text under a name. */
export function writeResponse({ text, isError }: ToolOutput): Json {
  if (isError) return { error: text }
  if (text === '') return {}
  const value = parsed(text)
  if (Array.isArray(value)) return { output: value }
  return isPlainOutput(value) ? value : { output: text }
}
