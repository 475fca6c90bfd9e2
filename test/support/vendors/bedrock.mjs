// Bedrock's Converse and ConverseStream. Source: Bedrock Runtime API; "Event stream encoding" of AWS.
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { pictureOf, refusal, refuseUnmatched, strictly } from './refuse.mjs'
import { pieces } from './script.mjs'
import { signatureFault } from './sigv4.mjs'

const Json = z.record(z.string(), z.unknown())
const Text = z.strictObject({ text: z.string().min(1) })
const Image = z.strictObject({
  image: z.strictObject({
    format: z.enum(['png', 'jpeg', 'gif', 'webp']),
    source: z.strictObject({ bytes: z.string() }),
  }),
})
const CachePoint = z.strictObject({
  cachePoint: z.strictObject({ type: z.literal('default'), ttl: z.enum(['5m', '1h']).optional() }),
})
const CallId = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/)
const Name = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/)
const Use = z.strictObject({ toolUse: z.strictObject({ toolUseId: CallId, name: Name, input: Json }) })
const Result = z.strictObject({
  toolResult: z.strictObject({
    toolUseId: CallId,
    content: z.array(z.union([Text, Image, z.strictObject({ json: z.unknown() })])),
    status: z.enum(['success', 'error']).optional(),
  }),
})
const Message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('user'), content: z.array(z.union([Text, Image, Result, CachePoint])).min(1) }),
  z.strictObject({ role: z.literal('assistant'), content: z.array(z.union([Text, Use, CachePoint])).min(1) }),
])
const ToolSpec = z.strictObject({
  toolSpec: z.strictObject({
    name: Name,
    description: z.string().min(1).optional(),
    inputSchema: z.strictObject({ json: z.looseObject({ type: z.literal('object') }) }),
    strict: z.boolean().optional(),
  }),
})
const ToolChoice = z.union([
  z.strictObject({ auto: z.strictObject({}) }),
  z.strictObject({ any: z.strictObject({}) }),
  z.strictObject({ tool: z.strictObject({ name: Name }) }),
])
const TextFormat = z.strictObject({
  type: z.literal('json_schema'),
  structure: z.strictObject({
    jsonSchema: z.strictObject({ schema: z.string(), name: z.string().optional(), description: z.string().optional() }),
  }),
})
const Request = z.strictObject({
  messages: z.array(Message).min(1),
  system: z.array(z.union([Text, CachePoint])).optional(),
  inferenceConfig: z
    .strictObject({
      maxTokens: z.int().positive().optional(),
      temperature: z.number().min(0).max(1).optional(),
      topP: z.number().min(0).max(1).optional(),
      stopSequences: z.array(z.string()).optional(),
    })
    .optional(),
  toolConfig: z
    .strictObject({ tools: z.array(z.union([ToolSpec, CachePoint])).min(1), toolChoice: ToolChoice.optional() })
    .optional(),
  outputConfig: z.strictObject({ textFormat: TextFormat.optional(), effort: z.string().optional() }).optional(),
  additionalModelRequestFields: Json.optional(),
  additionalModelResponseFieldPaths: z.array(z.string().startsWith('/')).max(10).optional(),
  serviceTier: z.strictObject({ type: z.enum(['default', 'flex', 'priority', 'reserved']) }).optional(),
  requestMetadata: z.record(z.string(), z.string()).optional(),
})

const resultsOf = ({ content }) => content.flatMap(({ toolResult }) => toolResult ?? [])
const usesOf = ({ content }) => content.flatMap(({ toolUse }) => toolUse ?? [])
const textsOf = content => content.map(({ text }) => text ?? '').join('')
const hasText = message => message.role === 'user' && message.content.some(({ text }) => text !== undefined)

// Turns alternate, the user begins, and each call is answered in the next turn.
function checkTurns(messages, toolConfig) {
  for (const [index, message] of messages.entries()) {
    if (message.role !== (index % 2 === 0 ? 'user' : 'assistant')) throw refusal(400, 'turns must alternate')
    const called = index > 0 ? usesOf(messages[index - 1]) : []
    refuseUnmatched(
      called.map(({ toolUseId }) => toolUseId),
      resultsOf(message).map(({ toolUseId }) => toolUseId),
    )
  }
  if (!toolConfig && messages.some(message => usesOf(message).length > 0)) throw refusal(400, 'toolConfig is needed')
}

function read(body, { isStream }) {
  const { messages, toolConfig, outputConfig } = strictly(Request, body)
  checkTurns(messages, toolConfig)
  const turn = messages.findLastIndex(hasText)
  const content = messages[turn]?.content ?? []
  const { any, tool } = toolConfig?.toolChoice ?? {}
  const schema = outputConfig?.textFormat?.structure.jsonSchema.schema
  return {
    text: textsOf(content),
    images: content.flatMap(({ image }) => (image ? [pictureOf(`image/${image.format}`, image.source.bytes)] : [])),
    tools: (toolConfig?.tools ?? []).flatMap(({ toolSpec }) => toolSpec?.name ?? []),
    results: messages
      .slice(turn + 1)
      .flatMap(resultsOf)
      .map(result => textsOf(result.content)),
    isForced: Boolean(any ?? tool),
    schema: schema && JSON.parse(schema),
    isStream,
  }
}

// A fifth of what was not read from the cache is written to it.
function usageOf({ input, cached, output }) {
  const written = Math.floor((input - cached) / 5)
  return {
    cacheReadInputTokenCount: cached,
    cacheReadInputTokens: cached,
    cacheWriteInputTokenCount: written,
    cacheWriteInputTokens: written,
    inputTokens: input - cached - written,
    outputTokens: output,
    serverToolUsage: {},
    totalTokens: input + output,
  }
}

const useOf = ({ name, args }, index) => ({ toolUseId: `tooluse_${index}_${name}`, name, input: args })
const stopOf = ({ calls }) => (calls.length > 0 ? 'tool_use' : 'end_turn')

function whole(call) {
  const { text, calls } = call.plan
  const content = calls.length > 0 ? calls.map((one, index) => ({ toolUse: useOf(one, index) })) : [{ text }]
  const output = { message: { content, role: 'assistant' } }
  return { metrics: { latencyMs: 7 }, output, stopReason: stopOf(call.plan), usage: usageOf(call.usage) }
}

const uint = value => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function headerBytes([name, value]) {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)]
  const length = Buffer.alloc(2)
  length.writeUInt16BE(valueBytes.length)
  return Buffer.concat([Buffer.of(nameBytes.length), nameBytes, Buffer.of(7), length, valueBytes])
}

function frame(headers, payload) {
  const head = Buffer.concat(Object.entries(headers).map(headerBytes))
  const body = Buffer.from(JSON.stringify(payload))
  const lengths = Buffer.concat([uint(16 + head.length + body.length), uint(head.length)])
  const unsigned = Buffer.concat([lengths, uint(crc32(lengths)), head, body])
  return Buffer.concat([unsigned, uint(crc32(unsigned))])
}

// Every event is padded by some letters, so that its length tells nothing.
function say(type, payload) {
  const headers = { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }
  return frame(headers, { ...payload, p: 'abcdefghij'.slice(0, 1 + (JSON.stringify(payload).length % 10)) })
}

const delta = (contentBlockIndex, said) => say('contentBlockDelta', { contentBlockIndex, delta: said })

function* useEvents(one, contentBlockIndex) {
  const { input, ...toolUse } = useOf(one, contentBlockIndex)
  yield say('contentBlockStart', { contentBlockIndex, start: { toolUse } })
  for (const piece of pieces(JSON.stringify(input), 6)) yield delta(contentBlockIndex, { toolUse: { input: piece } })
  yield say('contentBlockStop', { contentBlockIndex })
}

function* textEvents({ text, manner }) {
  for (const piece of pieces(text, manner === 'slowly' ? 400 : 6)) yield delta(0, { text: piece })
  yield say('contentBlockStop', { contentBlockIndex: 0 })
}

function* events(call) {
  const { calls } = call.plan
  yield say('messageStart', { role: 'assistant' })
  if (calls.length === 0) yield* textEvents(call.plan)
  for (const [index, one] of calls.entries()) yield* useEvents(one, index)
  yield say('messageStop', { stopReason: stopOf(call.plan) })
  yield say('metadata', { usage: usageOf(call.usage), metrics: { latencyMs: 7 } })
}

/** The account whose requests it takes. */
const ACCOUNT = {
  accessKeyId: 'ASIASCRIPTEDVENDOR00',
  secretAccessKey: 'sk-vendor/with+signs=',
  sessionToken: 'scripted/session+token==',
  region: 'eu-central-1',
}

/** What a Weir is told, so that it asks as that account. */
export const bedrockEnv = {
  AWS_ACCESS_KEY_ID: ACCOUNT.accessKeyId,
  AWS_SECRET_ACCESS_KEY: ACCOUNT.secretAccessKey,
  AWS_SESSION_TOKEN: ACCOUNT.sessionToken,
  AWS_REGION: ACCOUNT.region,
}

const PATH = /^\/model\/([\w.%-]+)\/(converse|converse-stream)$/

function route(url) {
  const [, model, verb] = PATH.exec(url) ?? []
  return model ? { model: decodeURIComponent(model), isStream: verb === 'converse-stream' } : undefined
}

function key(_, request) {
  const fault = signatureFault({ method: 'POST', ...request }, { ...ACCOUNT, service: 'bedrock' })
  if (fault) throw refusal(403, fault)
  return 'sk-vendor'
}

/** Bedrock, as a scripted vendor speaks it. It recomputes every signature. */
export const bedrock = {
  route,
  key,
  read,
  error: ({ message }) => ({ message }),
  // Thoughts are not told apart.
  untold: { thought: 0 },
  streamType: 'application/vnd.amazon.eventstream',
  // Refusals are JSON, and only those.
  liesAs: 'application/octet-stream',
  whole,
  events,
  delta: text => delta(0, { text }),
  headEvents: 2,
  tailEvents: 3,
}
