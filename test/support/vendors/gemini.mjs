// Gemini's generateContent and streamGenerateContent. Source: Gemini API reference, Generating content.
import { z } from 'zod'
import { pictureOf, refusal, refuseUnmatched, strictly } from './refuse.mjs'
import { pieces } from './script.mjs'

const Schema = z.record(z.string(), z.unknown())
const Part = z
  .strictObject({
    text: z.string().optional(),
    inlineData: z.strictObject({ mimeType: z.string(), data: z.string() }).optional(),
    functionCall: z.strictObject({ name: z.string(), args: Schema.optional(), id: z.string().optional() }).optional(),
    functionResponse: z.strictObject({ name: z.string(), response: Schema, id: z.string().optional() }).optional(),
    thought: z.boolean().optional(),
    thoughtSignature: z.string().optional(),
  })
  .refine(part => Object.keys(part).some(name => !name.startsWith('thought')), 'a part needs its data')
const Content = z.strictObject({ role: z.enum(['user', 'model']), parts: z.array(Part).min(1) })
const Declaration = z.strictObject({
  name: z.string().regex(/^[\w.:-]{1,64}$/),
  description: z.string().optional(),
  parameters: Schema.optional(),
  parametersJsonSchema: Schema.optional(),
})
const Config = z.strictObject({
  temperature: z.number().optional(),
  topP: z.number().optional(),
  topK: z.number().optional(),
  seed: z.int().optional(),
  presencePenalty: z.number().optional(),
  frequencyPenalty: z.number().optional(),
  candidateCount: z.int().optional(),
  maxOutputTokens: z.int().positive().optional(),
  stopSequences: z.array(z.string()).max(5).optional(),
  responseMimeType: z.enum(['text/plain', 'application/json']).optional(),
  responseSchema: Schema.optional(),
  responseJsonSchema: Schema.optional(),
})
const CallingConfig = z.strictObject({
  mode: z.enum(['AUTO', 'ANY', 'NONE', 'VALIDATED']),
  allowedFunctionNames: z.array(z.string()).optional(),
})
const Request = z.strictObject({
  contents: z.array(Content).min(1),
  systemInstruction: z.strictObject({ role: z.string().optional(), parts: z.array(Part).min(1) }).optional(),
  tools: z.array(z.strictObject({ functionDeclarations: z.array(Declaration).min(1) })).optional(),
  toolConfig: z.strictObject({ functionCallingConfig: CallingConfig.optional() }).optional(),
  generationConfig: Config.optional(),
  labels: z.record(z.string(), z.string()).optional(),
})

const hasText = ({ role, parts }) => role === 'user' && parts.some(part => part.text !== undefined)

function textOfResponse({ response }) {
  const { output = response } = response
  return typeof output === 'string' ? output : JSON.stringify(output)
}

function checkSchema({ responseMimeType, responseSchema, responseJsonSchema }) {
  if ((responseSchema || responseJsonSchema) && responseMimeType !== 'application/json')
    throw refusal(400, 'a schema needs responseMimeType application/json')
}

function checkTurns(contents) {
  for (const [index, { parts }] of contents.entries()) {
    const called = (contents[index - 1]?.parts ?? []).flatMap(part => part.functionCall?.name ?? [])
    const answered = parts.flatMap(part => part.functionResponse?.name ?? [])
    if (contents[index - 1]?.role === 'model') refuseUnmatched(called, answered)
  }
}

function read(body, { isStream }) {
  const { contents, tools = [], toolConfig, generationConfig = {} } = strictly(Request, body)
  checkSchema(generationConfig)
  checkTurns(contents)
  const turn = contents.findLastIndex(hasText)
  const [parts, since] = [contents[turn]?.parts ?? [], contents.slice(turn + 1)]
  const responses = since.flatMap(content => content.parts.flatMap(part => part.functionResponse ?? []))
  return {
    text: parts.map(({ text }) => text ?? '').join(''),
    images: parts.flatMap(({ inlineData }) => (inlineData ? [pictureOf(inlineData.mimeType, inlineData.data)] : [])),
    tools: tools.flatMap(({ functionDeclarations }) => functionDeclarations.map(({ name }) => name)),
    results: responses.map(textOfResponse),
    isForced: toolConfig?.functionCallingConfig?.mode === 'ANY',
    schema: generationConfig.responseJsonSchema ?? generationConfig.responseSchema,
    isStream,
  }
}

const STATUSES = { 401: 'UNAUTHENTICATED', 404: 'NOT_FOUND', 429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL' }

function error({ status, message }) {
  return { error: { code: status, message, status: STATUSES[status] ?? 'INVALID_ARGUMENT' } }
}

// Thoughts come beside the candidates here; the total is the same.
function usageOf({ input, cached, thought, output }) {
  return {
    promptTokenCount: input,
    cachedContentTokenCount: cached,
    candidatesTokenCount: output - thought,
    thoughtsTokenCount: thought,
    totalTokenCount: input + output,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
  }
}

function answer(call, { parts, finishReason, usage }) {
  const content = { role: 'model', parts }
  const candidate = { content, ...(finishReason && { finishReason }), index: 0 }
  const told = { modelVersion: call.model, responseId: `resp-${call.id}` }
  return { candidates: [candidate], usageMetadata: usage, ...told }
}

const callPart = ({ name, args }) => ({ functionCall: { name, args } })

function whole(call) {
  const { text, calls } = call.plan
  const parts = calls.length > 0 ? calls.map(callPart) : [{ text }]
  return answer(call, { parts, finishReason: 'STOP', usage: usageOf(call.usage) })
}

const say = event => `data: ${JSON.stringify(event)}\r\n\r\n`

function* events(call) {
  const { text, calls, manner } = call.plan
  const { promptTokenCount, promptTokensDetails } = usageOf(call.usage)
  const usage = { promptTokenCount, totalTokenCount: promptTokenCount, promptTokensDetails }
  const cuts =
    calls.length > 0 ? calls.map(callPart) : pieces(text, manner === 'slowly' ? 400 : 6).map(text => ({ text }))
  for (const part of cuts) yield say(answer(call, { parts: [part], usage }))
  yield say(answer(call, { parts: [{ text: '' }], finishReason: 'STOP', usage: usageOf(call.usage) }))
}

const PATH = /^\/v1beta\/models\/([\w.-]+):(generateContent|streamGenerateContent)(\?alt=sse)?$/

function route(url) {
  const [, model, method, alt] = PATH.exec(url) ?? []
  const isStream = method === 'streamGenerateContent'
  return model && isStream === (alt !== undefined) ? { model, isStream } : undefined
}

/** Gemini's wire, as a scripted vendor speaks it. */
export const gemini = {
  route,
  key: headers => headers['x-goog-api-key'],
  read,
  error,
  whole,
  events,
  delta: text => say(answer({ id: 0, model: 'flood' }, { parts: [{ text }] })),
  headEvents: 1,
  tailEvents: 1,
}
