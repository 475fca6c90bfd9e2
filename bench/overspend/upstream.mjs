// An OpenAI that counts what it really bills: what it was sent, and each token it generates until it is done or notices
// that its caller has hung up. It can be told, request by request, to be slow, to break off, or to say the wrong usage.
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { USAGE_KINDS, usageOnTheWay } from './usage.mjs'
import { countPrompt, words } from './words.mjs'

/**
 * How one request is answered. `outputTokens`: what it would generate, unless capped. `breakAfter`: chunks after which it
 * hangs up. `goesOn`: generates to the end, and bills, although nobody is there. `isDense`: short tokens. `attempts`:
 * changes for the first, second ... arrival of the same request.
 */
const DEFAULT_PLAN = { outputTokens: 1e9, chunks: 4, chunkMs: 0, delayMs: 0, status: 200, usage: 'honest' }
const NAME = /w[0-9a-f]{12}/
const FALLBACK_CAP = 16_384

function capOf(body) {
  return body.max_completion_tokens ?? body.max_tokens ?? FALLBACK_CAP
}

function openCall(known, body) {
  const name = NAME.exec(JSON.stringify(body.messages ?? ''))?.[0] ?? '(unnamed)'
  const asked = known.plans.get(name) ?? {}
  const nth = known.calls.filter(call => call.name === name).length
  const plan = { ...DEFAULT_PLAN, ...asked, ...asked.attempts?.[nth] }
  const isBilled = plan.status === 200
  const call = {
    name,
    plan: { ...plan, outputTokens: Math.min(plan.outputTokens, capOf(body)) },
    body,
    arrivedAt: Date.now(),
    endedAt: undefined,
    isHungUp: false,
    promptTokens: isBilled ? countPrompt(body.messages ?? []) : 0,
    completionTokens: 0,
  }
  known.calls.push(call)
  return call
}

/** Generates chunk by chunk, and bills as it goes. Yields the text of each; ends early where nobody listens. */
async function* generate(call) {
  const { chunks, chunkMs, outputTokens, breakAfter, goesOn, isDense } = call.plan
  for (let index = 0; index < chunks; index++) {
    if (chunkMs > 0) await sleep(chunkMs)
    if (index === breakAfter && goesOn) call.completionTokens = outputTokens
    if (index === breakAfter || (call.isHungUp && !goesOn)) return
    const from = call.completionTokens
    call.completionTokens = Math.floor((outputTokens * (index + 1)) / chunks)
    yield { index, text: words(call.completionTokens - from, { from, isDense }) }
  }
}

const BASE = { id: 'chatcmpl-overspend', created: 1_760_000_000, model: 'gpt-4o-mini' }

function writeEvent(response, fields) {
  if (response.destroyed) return
  response.write(`data: ${JSON.stringify({ ...BASE, object: 'chat.completion.chunk', ...fields })}\n\n`)
}

function writeLastEvents(response, call) {
  writeEvent(response, { choices: [{ index: 0, delta: {}, finish_reason: 'length' }] })
  const usage = USAGE_KINDS[call.plan.usage](call)
  if (usage && call.body.stream_options?.include_usage) writeEvent(response, { choices: [], usage })
  response.end('data: [DONE]\n\n')
}

async function answerStream(response, call) {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  for await (const { index, text } of generate(call)) {
    const usage = usageOnTheWay(call, call.plan, index)
    writeEvent(response, { choices: [{ index: 0, delta: { content: text } }], ...(usage && { usage }) })
  }
  if (call.plan.breakAfter !== undefined) response.destroy()
  else writeLastEvents(response, call)
}

function wholeAnswer(call, content) {
  const usage = USAGE_KINDS[call.plan.usage](call)
  const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'length' }]
  return { ...BASE, object: 'chat.completion', choices, ...(usage && { usage }) }
}

async function answerWhole(response, call) {
  let content = ''
  for await (const { text } of generate(call)) content += text
  const text = JSON.stringify(wholeAnswer(call, content))
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  if (call.plan.breakAfter === undefined) return response.end(text)
  response.write(text.slice(0, text.length / 2))
  await sleep(20)
  return response.destroy()
}

function answerError(response, status) {
  const error = { message: `upstream says ${status}`, type: 'server_error', param: null, code: null }
  response.writeHead(status, { 'content-type': 'application/json', 'retry-after-ms': '50' })
  response.end(JSON.stringify({ error }))
}

async function answer(response, call) {
  const { plan } = call
  if (plan.delayMs > 0) await sleep(plan.delayMs)
  if (plan.status !== 200) return answerError(response, plan.status)
  return call.body.stream ? answerStream(response, call) : answerWhole(response, call)
}

async function readJson(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  return JSON.parse(Buffer.concat(parts).toString('utf8'))
}

async function handle(known, request, response) {
  if (request.method !== 'POST' || !request.url.endsWith('/chat/completions')) {
    return response.end(JSON.stringify({ object: 'list', data: [{ id: 'gpt-4o-mini', object: 'model' }] }))
  }
  const call = openCall(known, await readJson(request))
  response.on('close', () => {
    call.isHungUp = !response.writableFinished
  })
  try {
    await answer(response, call)
  } finally {
    call.endedAt = Date.now()
  }
}

/** Starts the upstream. `plan(name, ...)` says how a request is to be answered; `calls` are all that arrived. */
export async function startCountingUpstream({ port = 0 } = {}) {
  const known = { plans: new Map(), calls: [] }
  const server = createServer((request, response) => {
    handle(known, request, response).catch(() => response.destroy())
  })
  server.keepAliveTimeout = 60_000
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(undefined))
  })
  const baseUrl = `http://127.0.0.1:${server.address().port}/v1`
  const stop = () => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(() => resolve(undefined)))
  }
  return { baseUrl, calls: known.calls, plan: (name, plan) => known.plans.set(name, plan), stop }
}
