// A stand-in for api.openai.com that a test controls request by request, through a field that gateways pass on:
//   x_upstream: { prompt_tokens, output_tokens, chunks, chunk_ms, delay_ms, status, retry_after, omit_usage, drop_after, service_tier }
// It names its calls by `metadata.call`, or by `user`, and bills what it generates whether or not anyone listens. What is
// wished for is generated once for each of `n` choices.
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const CREATED = 1_760_000_000
const DEFAULTS = { output_tokens: 10, chunks: 5, chunk_ms: 0, delay_ms: 0, status: 200 }

function countTokens(messages) {
  return Math.ceil(Buffer.byteLength(JSON.stringify(messages ?? '')) / 4)
}

// Numbers may come as text of a fixed width, for tests in which every body has to have the same length.
function planOf(body) {
  const wish = { ...DEFAULTS, ...body.x_upstream }
  const cap = body.max_completion_tokens ?? body.max_tokens ?? Number.POSITIVE_INFINITY
  const completion = Math.min(Number(wish.output_tokens), cap)
  const prompt = Number(wish.prompt_tokens ?? countTokens(body.messages))
  const finish = completion < Number(wish.output_tokens) ? 'length' : 'stop'
  return { ...wish, prompt, completion, choices: body.n ?? 1, finish, withUsage: !wish.omit_usage }
}

function usageOf({ prompt, completion, choices }) {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion * choices,
    total_tokens: prompt + completion * choices,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

function head(call, object) {
  const { id, model } = call
  return {
    id: `chatcmpl-${id}`,
    object,
    created: CREATED,
    model,
    service_tier: call.body.x_upstream?.service_tier ?? 'default',
    system_fingerprint: 'fp_test',
  }
}

const indexesOf = ({ choices }) => Array.from({ length: choices }, (_, index) => index)

function wholeAnswer(call, plan) {
  const message = { role: 'assistant', content: 'word '.repeat(plan.completion).trim(), refusal: null, annotations: [] }
  const choices = indexesOf(plan).map(index => ({ index, message, logprobs: null, finish_reason: plan.finish }))
  return { ...head(call, 'chat.completion'), choices, ...(plan.withUsage && { usage: usageOf(plan) }) }
}

function contentOf(plan, index) {
  const words =
    Math.floor((plan.completion * (index + 1)) / plan.chunks) - Math.floor((plan.completion * index) / plan.chunks)
  return 'word '.repeat(words)
}

// With `include_usage` every chunk has a usage, null in all but an extra last one; without it none has.
function* streamChunks(call, plan, includeUsage) {
  const base = head(call, 'chat.completion.chunk')
  const chunk = (index, delta, finish) => {
    const choices = [{ index, delta, logprobs: null, finish_reason: finish }]
    return { ...base, choices, ...(includeUsage && { usage: null }), obfuscation: 'x7' }
  }
  const ofEach = (delta, finish = null) => indexesOf(plan).map(index => chunk(index, delta, finish))
  yield* ofEach({ role: 'assistant', content: '', refusal: null })
  for (let piece = 0; piece < plan.chunks; piece++) yield* ofEach({ content: contentOf(plan, piece) })
  yield* ofEach({}, plan.finish)
  if (includeUsage && plan.withUsage) yield { ...base, choices: [], usage: usageOf(plan), obfuscation: '' }
}

async function sendStream(response, call, plan) {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  response.flushHeaders()
  let sent = 0
  const write = text => {
    call.sent += text
    if (!response.destroyed) response.write(text)
  }
  for (const chunk of streamChunks(call, plan, call.body.stream_options?.include_usage === true)) {
    if (plan.drop_after !== undefined && sent === Number(plan.drop_after)) return response.destroy()
    write(`data: ${JSON.stringify(chunk)}\n\n`)
    sent++
    if (Number(plan.chunk_ms) > 0) await sleep(Number(plan.chunk_ms))
  }
  write('data: [DONE]\n\n')
  return response.end()
}

function sendJson(response, call, { status, body, headers = {} }) {
  call.sent = JSON.stringify(body)
  const length = Buffer.byteLength(call.sent)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': length, ...headers })
  response.end(call.sent)
}

function sendError(response, call, plan) {
  const message = `upstream says ${plan.status}`
  const body = { error: { message, type: 'upstream_type', param: null, code: 'upstream_code' } }
  const headers = plan.retry_after === undefined ? {} : { 'retry-after': String(plan.retry_after) }
  return sendJson(response, call, { status: plan.status, body, headers })
}

async function answer(response, call) {
  const plan = planOf(call.body)
  call.status = plan.status
  if (Number(plan.delay_ms) > 0) await sleep(Number(plan.delay_ms))
  if (plan.status !== 200) return sendError(response, call, plan)
  if (call.body.stream) return sendStream(response, call, plan)
  return sendJson(response, call, { status: 200, body: wholeAnswer(call, plan) })
}

/** @param {any[]} calls @param {import('node:http').IncomingMessage} request @param {any} body */
function recordCall(calls, request, body) {
  const plan = planOf(body)
  const isBilled = plan.status === 200
  const name = body.metadata?.call ?? body.user ?? '(none)'
  const call = {
    id: `${name}-${calls.length}`,
    name,
    model: body.model,
    body,
    authorization: request.headers.authorization,
    promptTokens: isBilled ? plan.prompt : 0,
    completionTokens: isBilled ? plan.completion * plan.choices : 0,
    status: 0,
    isAborted: false,
    isWritten: false,
    sent: '',
    /** What it had sent when its caller hung up. */
    heard: '',
  }
  calls.push(call)
  return call
}

async function readBody(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  return JSON.parse(Buffer.concat(parts).toString('utf8'))
}

async function handle(calls, request, response) {
  if (request.url === '/stats') return response.end(JSON.stringify(statsOf(calls)))
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions') return response.writeHead(404).end()
  const call = recordCall(calls, request, await readBody(request))
  response.on('close', () => {
    call.isAborted = !response.writableFinished
    call.heard = call.sent
  })
  await answer(response, call)
  call.isWritten = true
}

function statsOf(calls) {
  const sum = pick => calls.reduce((total, call) => total + pick(call), 0)
  return {
    calls: calls.length,
    aborted: calls.filter(call => call.isAborted).length,
    prompt_tokens: sum(call => call.promptTokens),
    completion_tokens: sum(call => call.completionTokens),
  }
}

/** Starts the upstream on a free port. `calls` lists all that reached it, in order, whether they were answered or not. */
export async function startUpstream() {
  /** @type {ReturnType<typeof recordCall>[]} */
  const calls = []
  const server = createServer((request, response) => {
    handle(calls, request, response).catch(() => response.destroy())
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const stop = () => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(() => resolve(undefined)))
  }
  const callsOf = name => calls.filter(call => call.name === name)
  return { baseUrl: `http://127.0.0.1:${port}/v1`, calls, callsOf, stats: () => statsOf(calls), stop }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { baseUrl } = await startUpstream()
  process.stdout.write(`${baseUrl}\n`)
}
