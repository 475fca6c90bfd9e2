import Anthropic from '@anthropic-ai/sdk'
import { CITY, type Client, type ClientKind, STAINLESS_ERRORS, type Target, toolResult, WEATHER } from './client.ts'

type Messages = Anthropic.MessageParam[]
type Body = Omit<Anthropic.MessageCreateParamsNonStreaming, 'model' | 'messages' | 'max_tokens'>

const MAX_TOKENS = 1024
// The type wants lists that may be changed.
const CITY_SCHEMA = { ...CITY, required: [...CITY.required] }

function textOf({ content }: Anthropic.Message): string {
  return content.flatMap(block => (block.type === 'text' ? [block.text] : [])).join('')
}

function resultOf({ id, name, input }: Anthropic.ToolUseBlock): Anthropic.ToolResultBlockParam {
  return { type: 'tool_result', tool_use_id: id, content: toolResult(name, input) }
}

function make({ baseUrl, apiKey, model, tag }: Target): Client {
  const defaultHeaders = { 'x-request-id': tag }
  const anthropic = new Anthropic({ apiKey, authToken: null, baseURL: baseUrl, maxRetries: 0, defaultHeaders })
  const whole = (messages: Messages, more: Body = {}) =>
    anthropic.messages.create({ model, max_tokens: MAX_TOKENS, messages, ...more })
  const streamed = (messages: Messages, more: Body = {}) =>
    anthropic.messages.stream({ model, max_tokens: MAX_TOKENS, messages, ...more }).finalMessage()
  const user = (content: Anthropic.MessageParam['content']) => [{ role: 'user' as const, content }]
  return {
    chat: async prompt => textOf(await whole(user(prompt))),
    stream: async prompt => textOf(await streamed(user(prompt))),
    async round(prompt, names, isStream) {
      const ask = isStream ? streamed : whole
      const tools = names.map(name => ({ name, description: `The ${name}`, input_schema: CITY_SCHEMA }))
      const first = await ask(user(prompt), { tools })
      const uses = first.content.filter(block => block.type === 'tool_use')
      const calls = uses.map(({ name, input }) => ({ name, args: input }))
      const answered = { role: 'assistant' as const, content: first.content }
      const last = await ask([...user(prompt), answered, ...user(uses.map(resultOf))], { tools })
      return { calls, text: textOf(last) }
    },
    async json(prompt) {
      const format = { type: 'json_schema' as const, schema: WEATHER }
      return JSON.parse(textOf(await whole(user(prompt), { output_config: { format } })))
    },
    async look(prompt, png) {
      const source = { type: 'base64', media_type: 'image/png', data: png } as const
      return textOf(
        await whole(
          user([
            { type: 'text', text: prompt },
            { type: 'image', source },
          ]),
        ),
      )
    },
    async abort(prompt) {
      const body = { model, max_tokens: MAX_TOKENS, messages: user(prompt), stream: true } as const
      const stream = await anthropic.messages.create(body)
      for await (const { type } of stream) if (type === 'content_block_delta') return stream.controller.abort()
      throw new Error('the stream ended first')
    },
  }
}

/** Anthropic's client. */
export const anthropic: ClientKind = { make, errors: STAINLESS_ERRORS }
