// OpenAI's responses. Source: OpenAI API reference, Responses and its streaming events.
import { z } from 'zod'
import { dataUrlPicture, refusal, refuseUnmatched, strictly } from './refuse.mjs'
import { pieces } from './script.mjs'

const Schema = z.record(z.string(), z.unknown())
const Part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('input_text'), text: z.string() }),
  z.strictObject({
    type: z.literal('input_image'),
    image_url: z.string().optional(),
    file_id: z.string().optional(),
    detail: z.enum(['auto', 'low', 'high']).optional(),
  }),
  z.strictObject({
    type: z.literal('output_text'),
    text: z.string(),
    annotations: z.array(z.unknown()).optional(),
    logprobs: z.array(z.unknown()).optional(),
  }),
  z.strictObject({ type: z.literal('refusal'), refusal: z.string() }),
])
const Status = z.enum(['in_progress', 'completed', 'incomplete']).optional()
const Item = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('message'),
    role: z.enum(['user', 'assistant', 'system', 'developer']),
    content: z.union([z.string(), z.array(Part).min(1)]),
    id: z.string().optional(),
    status: Status,
    phase: z.string().nullish(),
  }),
  z.strictObject({
    type: z.literal('function_call'),
    call_id: z.string().min(1).max(64),
    name: z.string(),
    arguments: z.string(),
    id: z.string().startsWith('fc_').optional(),
    status: Status,
  }),
  z.strictObject({
    type: z.literal('function_call_output'),
    call_id: z.string().min(1).max(64),
    output: z.union([z.string(), z.array(Part)]),
    id: z.string().optional(),
    status: Status,
  }),
  z.strictObject({ type: z.literal('item_reference'), id: z.string() }),
])
// A message may come without saying that it is one.
const LooseItem = z.preprocess(item => (item?.role && !item.type ? { type: 'message', ...item } : item), Item)
const Tool = z.strictObject({
  type: z.literal('function'),
  name: z.string().regex(/^[\w-]{1,64}$/),
  description: z.string().nullish(),
  parameters: Schema.nullable(),
  strict: z.boolean().nullable().optional(),
})
const Format = z.discriminatedUnion('type', [
  z.strictObject({ type: z.enum(['text', 'json_object']) }),
  z.strictObject({
    type: z.literal('json_schema'),
    name: z.string().regex(/^[\w-]{1,64}$/),
    description: z.string().optional(),
    schema: Schema,
    strict: z.boolean().nullish(),
  }),
])
const Request = z.strictObject({
  model: z.string(),
  input: z.union([z.string(), z.array(LooseItem).min(1)]),
  instructions: z.string().nullish(),
  tools: z.array(Tool).optional(),
  tool_choice: z
    .union([z.enum(['none', 'auto', 'required']), z.strictObject({ type: z.literal('function'), name: z.string() })])
    .optional(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z
    .strictObject({ format: Format.optional(), verbosity: z.enum(['low', 'medium', 'high']).nullish() })
    .optional(),
  max_output_tokens: z.int().min(16).nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  include: z.array(z.string()).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  safety_identifier: z.string().max(64).optional(),
})

/** Items that were answered, since they may be referred to. */
const stored = new Map()

function itemOf(item) {
  if (item.type !== 'item_reference') return item
  const found = stored.get(item.id)
  if (!found) throw refusal(404, `Item with id '${item.id}' not found.`)
  return found
}

const partsOf = ({ content }) => (typeof content === 'string' ? [{ type: 'input_text', text: content }] : content)
const textsOf = parts => parts.map(part => part.text ?? '').join('')
const outputText = ({ output }) => (typeof output === 'string' ? output : textsOf(output))

function read(body) {
  const { input, tools = [], tool_choice, text, stream } = strictly(Request, body)
  const items = (typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : input).map(itemOf)
  const turn = items.findLastIndex(({ role }) => role === 'user')
  const [parts, since] = [partsOf(items[turn] ?? { content: [] }), items.slice(turn + 1)]
  const ofType = type => since.filter(item => item.type === type)
  const idsOf = type => ofType(type).map(({ call_id }) => call_id)
  refuseUnmatched(idsOf('function_call'), idsOf('function_call_output'))
  return {
    text: textsOf(parts),
    images: parts.filter(({ type }) => type === 'input_image').map(({ image_url }) => dataUrlPicture(image_url ?? '')),
    tools: tools.map(({ name }) => name),
    results: ofType('function_call_output').map(outputText),
    isForced: tool_choice === 'required' || typeof tool_choice === 'object',
    schema: text?.format?.type === 'json_schema' ? text.format.schema : undefined,
    isStream: stream === true,
  }
}

const ERROR_CODES = { 401: 'invalid_api_key', 429: 'rate_limit_exceeded', 500: 'server_error' }

function error({ status, message, param }) {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error'
  return { error: { message, type, param: param ?? null, code: ERROR_CODES[status] ?? null } }
}

function usageOf({ input, cached, thought, output }) {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: thought },
    total_tokens: input + output,
  }
}

function responseOf(call, { status, output, usage }) {
  const asked = JSON.parse(call.text || '{}')
  return {
    id: `resp_${call.id}`,
    object: 'response',
    created_at: 1_760_000_000,
    status,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: asked.instructions ?? null,
    max_output_tokens: asked.max_output_tokens ?? null,
    model: call.model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: asked.store ?? true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: asked.tools ?? [],
    top_p: 1,
    truncation: 'disabled',
    usage,
    user: null,
    metadata: {},
  }
}

const textPart = text => ({ type: 'output_text', text, annotations: [], logprobs: [] })

function keep(item) {
  stored.set(item.id, item)
  return item
}

function callItem({ id }, { name, args }, index) {
  const call_id = `call_${id}_${index}`
  return keep({
    id: `fc_${id}_${index}`,
    type: 'function_call',
    status: 'completed',
    arguments: JSON.stringify(args),
    call_id,
    name,
  })
}

function outputOf(call) {
  const { text, calls } = call.plan
  if (calls.length > 0) return calls.map((one, index) => callItem(call, one, index))
  const content = [textPart(text)]
  return [keep({ id: `msg_${call.id}`, type: 'message', status: 'completed', role: 'assistant', content })]
}

function whole(call) {
  return responseOf(call, { status: 'completed', output: outputOf(call), usage: usageOf(call.usage) })
}

function* messageEvents(item, output_index, count) {
  const at = { item_id: item.id, output_index, content_index: 0 }
  const [{ text }] = item.content
  yield { type: 'response.content_part.added', ...at, part: textPart('') }
  for (const delta of pieces(text, count)) yield { type: 'response.output_text.delta', ...at, delta, logprobs: [] }
  yield { type: 'response.output_text.done', ...at, text, logprobs: [] }
  yield { type: 'response.content_part.done', ...at, part: textPart(text) }
}

function* callEvents(item, output_index) {
  const at = { item_id: item.id, output_index }
  for (const delta of pieces(item.arguments, 6)) yield { type: 'response.function_call_arguments.delta', ...at, delta }
  yield { type: 'response.function_call_arguments.done', ...at, arguments: item.arguments, name: item.name }
}

function* itemEvents(item, output_index, count) {
  const isMessage = item.type === 'message'
  const begun = { ...item, status: 'in_progress', ...(isMessage ? { content: [] } : { arguments: '' }) }
  yield { type: 'response.output_item.added', output_index, item: begun }
  yield* isMessage ? messageEvents(item, output_index, count) : callEvents(item, output_index)
  yield { type: 'response.output_item.done', output_index, item }
}

function* steps(call) {
  const output = outputOf(call)
  const begun = responseOf(call, { status: 'in_progress', output: [], usage: null })
  yield { type: 'response.created', response: begun }
  yield { type: 'response.in_progress', response: begun }
  const count = call.plan.manner === 'slowly' ? 400 : 6
  for (const [index, item] of output.entries()) yield* itemEvents(item, index, count)
  yield { type: 'response.completed', response: whole(call) }
}

const say = (event, sequence_number) =>
  `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number })}\n\n`

function* events(call) {
  let count = 0
  for (const step of steps(call)) yield say(step, count++)
}

/** OpenAI's responses, as a scripted vendor speaks them. */
export const openaiResponses = {
  route: url => (url === '/v1/responses' ? {} : undefined),
  key: ({ authorization }) => authorization?.replace('Bearer ', ''),
  read,
  error,
  whole,
  events,
  delta: delta =>
    say({ type: 'response.output_text.delta', item_id: 'msg_0', output_index: 0, content_index: 0, delta }, 9),
  headEvents: 4,
  tailEvents: 4,
}
