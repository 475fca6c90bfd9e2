// Anthropic's messages. Source: Anthropic API reference, Messages, and its streaming.
import { z } from 'zod'
import { pictureOf, refusal, refuseUnmatched, strictly } from './refuse.mjs'
import { pieces } from './script.mjs'

const Schema = z.record(z.string(), z.unknown())
const cache_control = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish()
const Text = z.strictObject({ type: z.literal('text'), text: z.string().min(1), cache_control })
const Image = z.strictObject({
  type: z.literal('image'),
  source: z.strictObject({
    type: z.literal('base64'),
    media_type: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']),
    data: z.string(),
  }),
  cache_control,
})
const CallId = z.string().regex(/^[a-zA-Z0-9_-]+$/)
const Result = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: CallId,
  content: z.union([z.string(), z.array(z.union([Text, Image]))]).optional(),
  is_error: z.boolean().optional(),
  cache_control,
})
const Use = z.strictObject({
  type: z.literal('tool_use'),
  id: CallId,
  name: z.string(),
  input: Schema,
  caller: z.strictObject({ type: z.literal('direct') }).optional(),
  cache_control,
})
const Message = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.literal('user'),
    content: z.union([z.string().min(1), z.array(z.union([Text, Image, Result])).min(1)]),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.union([z.string().min(1), z.array(z.union([Text, Use])).min(1)]),
  }),
])
const Tool = z.strictObject({
  name: z.string().regex(/^[\w-]{1,128}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  type: z.literal('custom').nullish(),
  strict: z.boolean().optional(),
  eager_input_streaming: z.boolean().nullish(),
  cache_control,
})
const is = type => z.literal(type)
const parallel = { disable_parallel_tool_use: z.boolean().optional() }
const ToolChoice = z.discriminatedUnion('type', [
  z.strictObject({ type: is('auto'), ...parallel }),
  z.strictObject({ type: is('any'), ...parallel }),
  z.strictObject({ type: is('tool'), name: z.string(), ...parallel }),
  z.strictObject({ type: is('none') }),
])
const Format = z.strictObject({ type: is('json_schema'), schema: Schema })
const Request = z.strictObject({
  model: z.string(),
  max_tokens: z.int().positive(),
  messages: z.array(Message).min(1),
  system: z.union([z.string(), z.array(Text)]).optional(),
  tools: z.array(Tool).optional(),
  tool_choice: ToolChoice.optional(),
  output_config: z.strictObject({ format: Format.nullish(), effort: z.string().optional() }).optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().optional(),
  top_k: z.int().optional(),
  stop_sequences: z.array(z.string()).optional(),
  metadata: z.strictObject({ user_id: z.string().nullish() }).optional(),
  stream: z.boolean().optional(),
})

const blocksOf = ({ content }) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content)
const textsOf = blocks => blocks.map(({ text }) => text ?? '').join('')
const hasText = message => message.role === 'user' && blocksOf(message).some(({ type }) => type === 'text')

// Every result right after the calls that it answers, before anything else in its message.
function checkResults(messages) {
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'user') continue
    const blocks = blocksOf(message)
    const results = blocks.filter(({ type }) => type === 'tool_result')
    if (blocks.slice(0, results.length).some(({ type }) => type !== 'tool_result'))
      throw refusal(400, 'results come first')
    const before = blocksOf(messages[index - 1] ?? { content: [] }).filter(({ type }) => type === 'tool_use')
    refuseUnmatched(
      before.map(({ id }) => id),
      results.map(({ tool_use_id }) => tool_use_id),
    )
  }
}

function resultText({ content = '' }) {
  return typeof content === 'string' ? content : textsOf(content)
}

function read(body) {
  const { messages, tools = [], tool_choice, output_config, stream } = strictly(Request, body)
  checkResults(messages)
  const turn = messages.findLastIndex(hasText)
  const blocks = blocksOf(messages[turn] ?? { content: [] })
  const since = messages.slice(turn + 1).flatMap(blocksOf)
  return {
    text: textsOf(blocks.filter(({ type }) => type === 'text')),
    images: blocks
      .filter(({ type }) => type === 'image')
      .map(({ source }) => pictureOf(source.media_type, source.data)),
    tools: tools.map(({ name }) => name),
    results: since.filter(({ type }) => type === 'tool_result').map(resultText),
    isForced: tool_choice?.type === 'any' || tool_choice?.type === 'tool',
    schema: output_config?.format?.schema,
    isStream: stream === true,
  }
}

const ERROR_TYPES = { 401: 'authentication_error', 404: 'not_found_error', 429: 'rate_limit_error', 500: 'api_error' }

function error({ status, message }) {
  const type = ERROR_TYPES[status] ?? 'invalid_request_error'
  return { type: 'error', error: { type, message }, request_id: 'req_scripted' }
}

// A fifth of what was not read from the cache is written to it.
function inputUsage({ input, cached }) {
  const written = Math.floor((input - cached) / 5)
  return {
    input_tokens: input - cached - written,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: written,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
  }
}

const outputUsage = ({ output, thought }) => ({
  output_tokens: output,
  output_tokens_details: { thinking_tokens: thought },
})

const useOf = ({ name, args }, index) => ({ type: 'tool_use', id: `toolu_${index}_${name}`, name, input: args })
const stopOf = ({ calls }) => (calls.length > 0 ? 'tool_use' : 'end_turn')
const head = ({ id, model }) => ({ id: `msg_${id}`, type: 'message', role: 'assistant', model })

function whole(call) {
  const { text, calls } = call.plan
  const content = calls.length > 0 ? calls.map(useOf) : [{ type: 'text', text }]
  const usage = { ...inputUsage(call.usage), ...outputUsage(call.usage), service_tier: 'standard' }
  return { ...head(call), content, stop_reason: stopOf(call.plan), stop_sequence: null, usage }
}

const say = event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`

function* blockEvents(index, content_block, deltas) {
  yield say({ type: 'content_block_start', index, content_block })
  for (const delta of deltas) yield say({ type: 'content_block_delta', index, delta })
  yield say({ type: 'content_block_stop', index })
}

function useEvents(one, index) {
  const { input, ...use } = useOf(one, index)
  const deltas = pieces(JSON.stringify(input), 6).map(partial_json => ({ type: 'input_json_delta', partial_json }))
  return blockEvents(index, { ...use, input: {} }, [{ type: 'input_json_delta', partial_json: '' }, ...deltas])
}

function textEvents({ text, manner }) {
  const deltas = pieces(text, manner === 'slowly' ? 400 : 6).map(piece => ({ type: 'text_delta', text: piece }))
  return blockEvents(0, { type: 'text', text: '' }, deltas)
}

function* events(call) {
  const { calls } = call.plan
  const usage = { ...inputUsage(call.usage), output_tokens: 1, service_tier: 'standard' }
  const begun = { ...head(call), content: [], stop_reason: null, stop_sequence: null, usage }
  yield say({ type: 'message_start', message: begun })
  yield say({ type: 'ping' })
  if (calls.length === 0) yield* textEvents(call.plan)
  for (const [index, one] of calls.entries()) yield* useEvents(one, index)
  const delta = { stop_reason: stopOf(call.plan), stop_sequence: null }
  yield say({ type: 'message_delta', delta, usage: outputUsage(call.usage) })
  yield say({ type: 'message_stop' })
}

/** What its own SDK asks for, and what all others do. */
const VERSIONS = ['2026-10-21', '2023-06-01']

const key = headers => (VERSIONS.includes(headers['anthropic-version']) ? headers['x-api-key'] : undefined)

/** Anthropic's messages, as a scripted vendor speaks them. */
export const anthropicMessages = {
  route: url => (/^\/v1\/messages(\?|$)/.test(url) ? {} : undefined),
  key,
  read,
  error,
  whole,
  events,
  delta: text => say({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
  headEvents: 3,
  tailEvents: 3,
}

// A request without what says how to answer it.
const Counted = Request.omit({ max_tokens: true, stream: true, metadata: true })

/** Its counter of tokens, which bills nothing. */
export const anthropicCounter = {
  route: url => (/^\/v1\/messages\/count_tokens(\?|$)/.test(url) ? {} : undefined),
  key,
  read: body => {
    strictly(Counted, body)
    return read({ ...body, max_tokens: 1 })
  },
  error,
  whole: call => ({ input_tokens: call.usage.input }),
}
