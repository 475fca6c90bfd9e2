import { parseEvent } from '../parse-event.ts'

/** A stream that is to be ended: one of its events, the choices that are still open, and the usage to tell, where asked. */
export type CutOff = {
  kind: 'chat' | 'completion'
  event: string
  openChoices: number[]
  usage: { inputTokens: number; outputTokens: number } | undefined
}

const OBJECT = { chat: 'chat.completion.chunk', completion: 'text_completion' }
const NOTHING = { chat: { delta: {} }, completion: { text: '' } }

function say(event: unknown): string {
  return `data: ${JSON.stringify(event)}\n\n`
}

/**
 * The events that end a stream of chunks as one whose output cap was reached. Source: OpenAI API reference, streaming of
 * chat completions and of completions.
 */
export function cutOff({ kind, event, openChoices, usage }: CutOff): string {
  const { id, created, model } = parseEvent(event)
  const chunk = { id, object: OBJECT[kind], created, model }
  const choices = openChoices.map(index => ({ index, ...NOTHING[kind], finish_reason: 'length' }))
  const finish = choices.length > 0 ? say({ ...chunk, choices }) : ''
  if (!usage) return `${finish}data: [DONE]\n\n`
  const { inputTokens: prompt_tokens, outputTokens: completion_tokens } = usage
  const told = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
  return `${finish}${say({ ...chunk, choices: [], usage: told })}data: [DONE]\n\n`
}
