// OpenAI's chat completions. Source: OpenAI API reference, Chat Completions.
import { z } from 'zod'
import { dataUrlPicture, refuseUnmatched, strictly } from './refuse.mjs'
import { pieces } from './script.mjs'

const Text = z.strictObject({ type: z.literal('text'), text: z.string() })
const Image = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({ url: z.string(), detail: z.enum(['auto', 'low', 'high']).optional() }),
})
const Call = z.strictObject({
  id: z.string().min(1),
  type: z.literal('function'),
  // OpenAI lets pass what its own SDK's helpers add.
  function: z.strictObject({ name: z.string(), arguments: z.string(), parsed_arguments: z.unknown().optional() }),
})
const Message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.enum(['system', 'developer']), content: z.union([z.string(), z.array(Text)]) }),
  z.strictObject({ role: z.literal('user'), content: z.union([z.string(), z.array(z.union([Text, Image]))]) }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.union([z.string(), z.array(Text), z.null()]).optional(),
    refusal: z.string().nullish(),
    tool_calls: z.array(Call).min(1).optional(),
  }),
  z.strictObject({
    role: z.literal('tool'),
    tool_call_id: z.string(),
    content: z.union([z.string(), z.array(Text)]),
  }),
])
const Schema = z.record(z.string(), z.unknown())
const Tool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: z.string().regex(/^[\w-]{1,64}$/),
    description: z.string().optional(),
    parameters: Schema.optional(),
    strict: z.boolean().nullish(),
  }),
})
const Format = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['text', 'json_object']) }),
  z.strictObject({
    type: z.literal('json_schema'),
    json_schema: z.strictObject({
      name: z.string().regex(/^[\w-]{1,64}$/),
      description: z.string().optional(),
      schema: Schema,
      strict: z.boolean().nullish(),
    }),
  }),
])
const ToolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string() }) }),
])
const Request = z.strictObject({
  model: z.string(),
  messages: z.array(Message).min(1),
  tools: z.array(Tool).min(1).optional(),
  tool_choice: ToolChoice.optional(),
  parallel_tool_calls: z.boolean().optional(),
  response_format: Format.optional(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  frequency_penalty: z.number().nullish(),
  presence_penalty: z.number().nullish(),
  n: z.int().nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  max_completion_tokens: z.int().positive().nullish(),
  max_tokens: z.int().positive().nullish(),
  metadata: z.record(z.string(), z.string()).optional(),
  user: z.string().optional(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).nullish(),
})

const textsOf = content =>
  typeof content === 'string' ? content : (content ?? []).map(part => part.text ?? '').join('')
const imagesOf = content => (Array.isArray(content) ? content.filter(part => part.type === 'image_url') : [])

const isForced = choice => choice === 'required' || typeof choice === 'object'

function read(body) {
  const { messages, tools = [], tool_choice, response_format: format, stream } = strictly(Request, body)
  const turn = messages.findLastIndex(({ role }) => role === 'user')
  const [user, since] = [messages[turn], messages.slice(turn + 1)]
  const results = since.filter(({ role }) => role === 'tool')
  refuseUnmatched(
    since.flatMap(message => (message.tool_calls ?? []).map(({ id }) => id)),
    results.map(message => message.tool_call_id),
  )
  return {
    text: textsOf(user?.content),
    images: imagesOf(user?.content).map(({ image_url }) => dataUrlPicture(image_url.url)),
    tools: tools.map(tool => tool.function.name),
    results: results.map(({ content }) => textsOf(content)),
    isForced: isForced(tool_choice),
    schema: format?.type === 'json_schema' ? format.json_schema.schema : undefined,
    isStream: stream === true,
  }
}

const ERROR_TYPES = { 401: 'invalid_request_error', 429: 'requests', 500: 'server_error' }

function error({ status, message, param }) {
  return { error: { message, type: ERROR_TYPES[status] ?? 'invalid_request_error', param: param ?? null, code: null } }
}

function usageOf({ input, cached, thought, output }) {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: thought, audio_tokens: 0 },
  }
}

const head = ({ id, model }, object) => ({ id: `chatcmpl-${id}`, object, created: 1_760_000_000, model })
const callOf = ({ name, args }, index) => ({
  id: `call_${index}_${name}`,
  type: 'function',
  function: { name, arguments: JSON.stringify(args) },
})
const finishOf = ({ calls }) => (calls.length > 0 ? 'tool_calls' : 'stop')

function whole(call) {
  const { text, calls } = call.plan
  const said = { role: 'assistant', content: calls.length > 0 ? null : text, refusal: null, annotations: [] }
  const message = calls.length > 0 ? { ...said, tool_calls: calls.map(callOf) } : said
  const choices = [{ index: 0, message, logprobs: null, finish_reason: finishOf(call.plan) }]
  return { ...head(call, 'chat.completion'), choices, usage: usageOf(call.usage), service_tier: 'default' }
}

const chunk = (call, delta, finish_reason = null) => ({
  ...head(call, 'chat.completion.chunk'),
  choices: [{ index: 0, delta, logprobs: null, finish_reason }],
})

function* callDeltas(one, index) {
  const { id, type, function: fn } = callOf(one, index)
  yield { tool_calls: [{ index, id, type, function: { name: fn.name, arguments: '' } }] }
  for (const piece of pieces(fn.arguments, 6)) yield { tool_calls: [{ index, function: { arguments: piece } }] }
}

const data = event => `data: ${JSON.stringify(event)}\n\n`

function* events(call) {
  const { text, calls, manner } = call.plan
  yield data(chunk(call, { role: 'assistant', content: calls.length > 0 ? null : '', refusal: null }))
  for (const [index, one] of calls.entries()) for (const delta of callDeltas(one, index)) yield data(chunk(call, delta))
  const cuts = calls.length > 0 ? [] : pieces(text, manner === 'slowly' ? 400 : 6)
  for (const content of cuts) yield data(chunk(call, { content }))
  yield data(chunk(call, {}, finishOf(call.plan)))
  const asked = JSON.parse(call.text).stream_options?.include_usage
  if (asked) yield data({ ...head(call, 'chat.completion.chunk'), choices: [], usage: usageOf(call.usage) })
  yield 'data: [DONE]\n\n'
}

/** OpenAI's chat completions, as a scripted vendor speaks them. */
export const openaiChat = {
  route: url => (url === '/v1/chat/completions' ? {} : undefined),
  key: ({ authorization }) => authorization?.replace('Bearer ', ''),
  read,
  error,
  whole,
  events,
  delta: text => data(chunk({ id: 0, model: 'flood' }, { content: text })),
  headEvents: 1,
  tailEvents: 3,
}
