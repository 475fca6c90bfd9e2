import { parseEvent } from '../parse-event.ts'

/** A stream that is to be ended: one of its events, the choices that are still open, and the usage to tell, where asked. */
export type CutOff = {
  event: string
  openChoices: number[]
  usage: { inputTokens: number; outputTokens: number } | undefined
}

function say(event: unknown): string {
  return `data: ${JSON.stringify(event)}\n\n`
}

/** The events that end a stream of chat chunks as one whose output cap was reached. Source: OpenAI API, chat.completion.chunk. */
export function cutOff({ event, openChoices, usage }: CutOff): string {
  const { id, created, model } = parseEvent(event)
  const chunk = { id, object: 'chat.completion.chunk', created, model }
  const choices = openChoices.map(index => ({ index, delta: {}, finish_reason: 'length' }))
  const finish = choices.length > 0 ? say({ ...chunk, choices }) : ''
  if (!usage) return `${finish}data: [DONE]\n\n`
  const { inputTokens: prompt_tokens, outputTokens: completion_tokens } = usage
  const told = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
  return `${finish}${say({ ...chunk, choices: [], usage: told })}data: [DONE]\n\n`
}
