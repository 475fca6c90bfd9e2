import OpenAI from 'openai'
import { CITY, type Client, type ClientKind, STAINLESS_ERRORS, type Target, toolResult, WEATHER } from './client.ts'

type Message = OpenAI.ChatCompletionMessageParam
type Body = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'model' | 'messages'>

function toolOf(name: string): OpenAI.ChatCompletionTool {
  return { type: 'function', function: { name, description: `The ${name}`, parameters: CITY, strict: true } }
}

function callOf(call: OpenAI.ChatCompletionMessageToolCall) {
  if (call.type !== 'function') throw new Error(`a call of the type ${call.type}`)
  return { id: call.id, name: call.function.name, args: JSON.parse(call.function.arguments) as unknown }
}

function make({ baseUrl, apiKey, model, tag }: Target): Client {
  const defaultHeaders = { 'x-request-id': tag }
  const openai = new OpenAI({ apiKey, baseURL: `${baseUrl}/v1`, maxRetries: 0, defaultHeaders })
  const whole = async (messages: Message[], more: Body = {}) => {
    const { choices } = await openai.chat.completions.create({ model, messages, ...more })
    if (!choices[0]) throw new Error('an answer without a choice')
    return choices[0].message
  }
  const streamed = async (messages: Message[], more: Body = {}) => {
    const stream_options = { include_usage: true }
    const stream = openai.chat.completions.stream({ model, messages, ...more, stream: true, stream_options })
    return stream.finalMessage()
  }
  const user = (content: OpenAI.ChatCompletionUserMessageParam['content']): Message => ({ role: 'user', content })
  return {
    chat: async prompt => (await whole([user(prompt)])).content ?? '',
    stream: async prompt => (await streamed([user(prompt)])).content ?? '',
    async round(prompt, names, isStream) {
      const ask = isStream ? streamed : whole
      const tools = names.map(toolOf)
      const first = await ask([user(prompt)], { tools })
      const calls = (first.tool_calls ?? []).map(callOf)
      const results = calls.map(
        ({ id, name, args }): Message => ({ role: 'tool', tool_call_id: id, content: toolResult(name, args) }),
      )
      const { role, content, tool_calls } = first
      const last = await ask([user(prompt), { role, content, ...(tool_calls && { tool_calls }) }, ...results], {
        tools,
      })
      return { calls: calls.map(({ name, args }) => ({ name, args })), text: last.content ?? '' }
    },
    async json(prompt) {
      const json_schema = { name: 'weather', schema: WEATHER, strict: true }
      const { content } = await whole([user(prompt)], { response_format: { type: 'json_schema', json_schema } })
      return JSON.parse(content ?? '')
    },
    async look(prompt, png) {
      const image_url = { url: `data:image/png;base64,${png}` }
      const message = user([
        { type: 'text', text: prompt },
        { type: 'image_url', image_url },
      ])
      return (await whole([message])).content ?? ''
    },
    async abort(prompt) {
      const stream = await openai.chat.completions.create({ model, messages: [user(prompt)], stream: true })
      for await (const { choices } of stream) if (choices[0]?.delta.content) return stream.controller.abort()
      throw new Error('the stream ended first')
    },
  }
}

/** The official client, on chat completions. */
export const openaiChat: ClientKind = { make, errors: STAINLESS_ERRORS }
