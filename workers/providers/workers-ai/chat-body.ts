import { asRecord } from '../../formats/as-record.ts'
import { nativeCalls } from './native-calls.ts'

/** What an answer is to be called: Cloudflare's own shape names neither. */
export type ChatName = { id: string; model: string }

/** Text that the model said; a structured answer comes as an object. */
export function spoken(response: unknown): string {
  if (typeof response === 'string') return response
  return response == null ? '' : JSON.stringify(response)
}

/** Whether a body, or an event, is in Cloudflare's own shape. */
export function isNative(body: Record<string, unknown>): boolean {
  return body.choices === undefined && (body.response !== undefined || body.tool_calls !== undefined)
}

function parsed(text: string): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(text))
  } catch {
    return {}
  }
}

/** A whole answer as a chat completion; one that is none of Cloudflare's shapes stays as it is. */
export function chatBody(text: string, { id, model }: ChatName): string {
  const body = parsed(text)
  if (!isNative(body)) return text
  const tool_calls = nativeCalls(body.tool_calls).map(({ index, ...call }) => call)
  const said = spoken(body.response)
  const hasCalls = tool_calls.length > 0
  const message = { role: 'assistant', content: said === '' && hasCalls ? null : said, ...(hasCalls && { tool_calls }) }
  const choice = { index: 0, message, finish_reason: hasCalls ? 'tool_calls' : 'stop' }
  const usage = body.usage === undefined ? {} : { usage: body.usage }
  return JSON.stringify({ id, object: 'chat.completion', created: 0, model, choices: [choice], ...usage })
}
