// Cohere's chat, version 2. Source: Cohere API reference, Chat.
import { z } from 'zod'
import { dataUrlPicture, refusal, refuseUnmatched, strictly } from './refuse.mjs'
import { pieces } from './script.mjs'

const Text = z.strictObject({ type: z.literal('text'), text: z.string() })
const Thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string() })
const Image = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({ url: z.string(), detail: z.enum(['auto', 'low', 'high']).optional() }),
})
const Call = z.strictObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
})
const Message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.union([z.string(), z.array(Text).min(1)]) }),
  z.strictObject({
    role: z.literal('user'),
    content: z.union([z.string(), z.array(z.union([Text, Image])).min(1)]),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.union([z.string(), z.array(z.union([Text, Thinking])).min(1)]).optional(),
    tool_plan: z.string().optional(),
    tool_calls: z.array(Call).min(1).optional(),
  }),
  z.strictObject({
    role: z.literal('tool'),
    tool_call_id: z.string(),
    content: z.union([z.string(), z.array(Text).min(1)]),
  }),
])
const Schema = z.record(z.string(), z.unknown())
const Tool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), description: z.string().optional(), parameters: Schema }),
})
const Format = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object'), json_schema: Schema.optional() }),
])
const Request = z.strictObject({
  model: z.string(),
  stream: z.boolean(),
  messages: z.array(Message).min(1),
  tools: z.array(Tool).min(1).optional(),
  strict_tools: z.boolean().optional(),
  tool_choice: z.enum(['REQUIRED', 'NONE']).optional(),
  response_format: Format.optional(),
  max_tokens: z.int().positive().optional(),
  stop_sequences: z.array(z.string()).max(5).optional(),
  temperature: z.number().min(0).optional(),
  seed: z.int().optional(),
  frequency_penalty: z.number().min(0).max(1).optional(),
  presence_penalty: z.number().min(0).max(1).optional(),
  k: z.int().min(0).max(500).optional(),
  p: z.number().min(0.01).max(0.99).optional(),
  logprobs: z.boolean().optional(),
  thinking: z
    .strictObject({ type: z.enum(['enabled', 'disabled']), token_budget: z.int().positive().optional() })
    .optional(),
})

const textsOf = content =>
  typeof content === 'string' ? content : (content ?? []).map(part => part.text ?? '').join('')
const imagesOf = content => (Array.isArray(content) ? content.filter(({ type }) => type === 'image_url') : [])

function read(body) {
  const { messages, tools = [], tool_choice, response_format: format, stream } = strictly(Request, body)
  if (tool_choice && tools.length === 0) throw refusal(400, 'tool_choice needs tools')
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
    isForced: tool_choice === 'REQUIRED',
    schema: format?.type === 'json_object' ? format.json_schema : undefined,
    isStream: stream,
  }
}

/** The tokens of the preamble that it puts before every request, and does not bill. */
const PREAMBLE = 495

// What the model read and wrote is more than what is billed, and most of it was cached.
function usageOf({ input, output }) {
  return {
    billed_units: { input_tokens: input, output_tokens: output },
    tokens: { input_tokens: input + PREAMBLE, output_tokens: output + 3 },
    cached_tokens: PREAMBLE,
  }
}

const callOf = ({ name, args }, index) => ({
  id: `${name}_${index}`,
  type: 'function',
  function: { name, arguments: JSON.stringify(args) },
})
const finishOf = ({ calls }) => (calls.length > 0 ? 'TOOL_CALL' : 'COMPLETE')
const PLAN = 'I will use what I was given.'

function whole(call) {
  const { text, calls } = call.plan
  const said =
    calls.length > 0 ? { tool_plan: PLAN, tool_calls: calls.map(callOf) } : { content: [{ type: 'text', text }] }
  const message = { role: 'assistant', ...said }
  return { id: `c-${call.id}`, message, finish_reason: finishOf(call.plan), usage: usageOf(call.usage) }
}

const say = event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
const delta = (type, message, index) => say({ ...(index !== undefined && { index }), type, delta: { message } })

function* callEvents(one, index) {
  const { function: fn, ...call } = callOf(one, index)
  const begun = { ...call, function: { name: fn.name, arguments: '' } }
  yield delta('tool-call-start', { tool_calls: begun }, index)
  for (const piece of pieces(fn.arguments, 6))
    yield delta('tool-call-delta', { tool_calls: { function: { arguments: piece } } }, index)
  yield say({ type: 'tool-call-end', index })
}

function* textEvents({ text, manner }) {
  yield delta('content-start', { content: { type: 'text', text: '' } }, 0)
  for (const piece of pieces(text, manner === 'slowly' ? 400 : 6))
    yield delta('content-delta', { content: { text: piece } }, 0)
  yield say({ type: 'content-end', index: 0 })
}

function* events(call) {
  const { calls } = call.plan
  const begun = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
  yield say({ id: `c-${call.id}`, type: 'message-start', delta: { message: begun } })
  if (calls.length === 0) yield* textEvents(call.plan)
  if (calls.length > 0) for (const piece of pieces(PLAN, 4)) yield delta('tool-plan-delta', { tool_plan: piece })
  for (const [index, one] of calls.entries()) yield* callEvents(one, index)
  yield say({ type: 'message-end', delta: { finish_reason: finishOf(call.plan), usage: usageOf(call.usage) } })
}

/** Cohere's chat, as a scripted vendor speaks it. */
export const cohere = {
  route: url => (url === '/v2/chat' ? {} : undefined),
  key: ({ authorization }) => authorization?.replace('Bearer ', ''),
  read,
  error: ({ message }) => ({ id: 'scripted', message }),
  // Neither caches nor thoughts are told apart.
  untold: { cached: 0, thought: 0 },
  whole,
  events,
  delta: text => delta('content-delta', { content: { text } }, 0),
  headEvents: 2,
  tailEvents: 2,
}
