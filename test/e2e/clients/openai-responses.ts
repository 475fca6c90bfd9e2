import OpenAI from 'openai'
import { CITY, type Client, type ClientKind, STAINLESS_ERRORS, type Target, toolResult, WEATHER } from './client.ts'

type Input = OpenAI.Responses.ResponseInput
type Body = Pick<OpenAI.Responses.ResponseCreateParamsNonStreaming, 'tools' | 'text'>

function toolOf(name: string): OpenAI.Responses.FunctionTool {
  return { type: 'function', name, description: `The ${name}`, parameters: CITY, strict: true }
}

// OpenAI refuses the members that its SDK's helpers add, such as `parsed_arguments`.
function sentBack({ type, id, call_id, name, arguments: text }: OpenAI.Responses.ResponseFunctionToolCall) {
  return { type, call_id, name, arguments: text, ...(id && { id }) }
}

function resultOf({ call_id, name, arguments: text }: ReturnType<typeof sentBack>) {
  return { type: 'function_call_output' as const, call_id, output: toolResult(name, JSON.parse(text)) }
}

function make({ baseUrl, apiKey, model, tag }: Target): Client {
  const defaultHeaders = { 'x-request-id': tag }
  const openai = new OpenAI({ apiKey, baseURL: `${baseUrl}/v1`, maxRetries: 0, defaultHeaders })
  const whole = (input: string | Input, more: Body = {}) => openai.responses.create({ model, input, ...more })
  const streamed = (input: string | Input, more: Body = {}) =>
    openai.responses.stream({ model, input, ...more }).finalResponse()
  return {
    chat: async prompt => (await whole(prompt)).output_text,
    stream: async prompt => (await streamed(prompt)).output_text,
    async round(prompt, names, isStream) {
      const ask = isStream ? streamed : whole
      const tools = names.map(toolOf)
      const { output } = await ask(prompt, { tools })
      const made = output.flatMap(item => (item.type === 'function_call' ? [sentBack(item)] : []))
      const calls = made.map(({ name, arguments: text }) => ({ name, args: JSON.parse(text) as unknown }))
      const last = await ask([{ role: 'user', content: prompt }, ...made, ...made.map(resultOf)], { tools })
      return { calls, text: last.output_text }
    },
    async json(prompt) {
      const format = { type: 'json_schema', name: 'weather', schema: WEATHER, strict: true } as const
      return JSON.parse((await whole(prompt, { text: { format } })).output_text)
    },
    async look(prompt, png) {
      const image = { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${png}` } as const
      const content = [{ type: 'input_text' as const, text: prompt }, image]
      return (await whole([{ role: 'user', content }])).output_text
    },
    async abort(prompt) {
      const stream = await openai.responses.create({ model, input: prompt, stream: true })
      for await (const { type } of stream) if (type === 'response.output_text.delta') return stream.controller.abort()
      throw new Error('the stream ended first')
    },
  }
}

/** The official client, on responses. */
export const openaiResponses: ClientKind = { make, errors: STAINLESS_ERRORS }
