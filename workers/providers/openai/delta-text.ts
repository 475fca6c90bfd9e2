import { asRecord } from '../../formats/as-record.ts'

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** A part of Mistral's content list: text, or thinking that is itself a list of texts. */
function partText(part: unknown): string {
  const { text, thinking } = asRecord(part)
  const thoughts = Array.isArray(thinking) ? thinking : []
  return textOf(text) + thoughts.map(thought => textOf(asRecord(thought).text)).join('')
}

function contentText(content: unknown): string {
  return Array.isArray(content) ? content.map(partText).join('') : textOf(content)
}

function callText(call: unknown): string {
  const { name, arguments: args } = asRecord(call)
  return textOf(name) + textOf(args)
}

function toolText(calls: unknown): string {
  if (!Array.isArray(calls)) return ''
  return calls.map(call => callText(asRecord(call).function)).join('')
}

/**
 * All that the model generated in one delta: content, reasoning (DeepSeek's `reasoning_content`, else Groq's and
 * OpenRouter's `reasoning`), refusal, names and arguments of calls. Empty where the delta carries none.
 */
export function deltaText(value: unknown): string {
  const delta = asRecord(value)
  const reasoning = textOf(delta.reasoning_content) || textOf(delta.reasoning)
  const calls = toolText(delta.tool_calls) + callText(delta.function_call)
  return contentText(delta.content) + reasoning + textOf(delta.refusal) + calls
}
