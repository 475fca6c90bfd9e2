// A scripted vendor of what is no conversation: OpenAI's wires, and those of Google and Cohere for embeddings and ranking.
// `calls` has what it was asked, what it sent, byte for byte, and what it bills for it. Orders are in the text: "fail 429".
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { refusal } from './refuse.mjs'

const tokensOf = text => Math.max(1, Math.ceil(Buffer.byteLength(text) / 5))

async function readBytes(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts)
}

/** The fields of a form; files as their bytes, name and type. */
async function readForm(bytes, type) {
  const form = await new Response(bytes, { headers: { 'content-type': type } }).formData()
  const parts = []
  for (const [name, value] of form) {
    if (typeof value === 'string') parts.push({ name, text: value })
    else parts.push({ name, file: Buffer.from(await value.arrayBuffer()), filename: value.name, type: value.type })
  }
  const texts = Object.fromEntries(parts.filter(part => 'text' in part).map(part => [part.name, part.text]))
  return { ...texts, parts }
}

async function readBody(request) {
  const bytes = await readBytes(request)
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('multipart/form-data')) return { text: '', body: await readForm(bytes, type) }
  return { text: bytes.toString('utf8'), body: JSON.parse(bytes.toString('utf8') || '{}') }
}

const json = body => ({ type: 'application/json', pieces: [Buffer.from(JSON.stringify(body))] })
const events = list => ({
  type: 'text/event-stream',
  pieces: list.map(event => Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)),
})

const vectorOf = (text, size) => Array.from({ length: size }, (_, index) => Math.fround(Math.sin(text.length + index)))

function inputsOf({ input }) {
  if (typeof input === 'string') return [input]
  return typeof input[0] === 'number' ? [input] : input
}

function embeddings(call, { input, dimensions = 4, encoding_format, model }) {
  const inputs = inputsOf({ input })
  const counts = inputs.map(one => (typeof one === 'string' ? tokensOf(one) : one.length))
  const total = counts.reduce((sum, count) => sum + count, 0)
  const say = vector =>
    encoding_format === 'base64' ? Buffer.from(new Float32Array(vector).buffer).toString('base64') : vector
  const data = inputs.map((one, index) => ({
    object: 'embedding',
    index,
    embedding: say(vectorOf(String(one), dimensions)),
  }))
  call.billed = { input: total }
  return json({ object: 'list', data, model, usage: { prompt_tokens: total, total_tokens: total } })
}

const PICTURE = Buffer.from('a picture').toString('base64')

function pictureUsage(call, { prompt = '', n = 1, parts = [] }) {
  const text = tokensOf(prompt)
  const image = parts.filter(part => part.file).length * 323
  const count = Number(n)
  call.billed = { text: text * count, image: image * count, output: 4160 * count }
  return {
    input_tokens: (text + image) * count,
    input_tokens_details: { text_tokens: text * count, image_tokens: image * count },
    output_tokens: 4160 * count,
    total_tokens: (text + image + 4160) * count,
  }
}

function images(call, body) {
  const count = Number(body.n ?? 1)
  if (!body.model.startsWith('gpt-image')) {
    call.billed = { images: count }
    return json({ created: 1, data: Array.from({ length: count }, () => ({ url: 'https://pictures.test/1' })) })
  }
  const usage = pictureUsage(call, body)
  if (String(body.stream) !== 'true') {
    return json({ created: 1, data: Array.from({ length: count }, () => ({ b64_json: PICTURE })), usage })
  }
  const partials = Array.from({ length: Number(body.partial_images ?? 0) }, (_, index) => ({
    type: 'image_generation.partial_image',
    partial_image_index: index,
    b64_json: PICTURE,
  }))
  return events([...partials, { type: 'image_generation.completed', b64_json: PICTURE, usage }])
}

function speech(call, { model, input, stream_format }) {
  const sound = Array.from({ length: 40 }, () => randomBytes(997))
  call.sound = Buffer.concat(sound)
  if (model.startsWith('tts-1')) {
    if (stream_format) throw refusal(400, 'stream_format is not supported', 'stream_format')
    call.billed = { characters: [...input].length }
    return { type: 'audio/mpeg', pieces: sound }
  }
  call.billed = { input: tokensOf(input), output: 21 * 3 }
  if (stream_format !== 'sse') return { type: 'audio/mpeg', pieces: sound }
  const usage = { input_tokens: call.billed.input, output_tokens: 63, total_tokens: call.billed.input + 63 }
  const deltas = sound.map(piece => ({ type: 'speech.audio.delta', audio: piece.toString('base64') }))
  if (input.includes('break off')) return { ...events(deltas), breaksOff: true }
  return events([...deltas, { type: 'speech.audio.done', usage }])
}

/** How long the sound lasts: what the file says of itself, in the words of the tests. */
const secondsOf = body => Number(/lasts (\d+(\.\d+)?)/.exec(body.prompt ?? '')?.[1] ?? 7.2)

function transcript(call, body) {
  const seconds = secondsOf(body)
  const text = 'Grüezi 👋🏽, that is what was said.'
  if (!body.parts.some(({ name, file }) => name === 'file' && file.length > 0)) throw refusal(400, 'no file', 'file')
  if (body.model === 'whisper-1') {
    call.billed = { seconds: Math.ceil(seconds) }
    if (body.response_format === 'text')
      return { type: 'text/plain; charset=utf-8', pieces: [Buffer.from(`${text}\n`)] }
    if (body.response_format === 'verbose_json') {
      return json({ task: 'transcribe', language: 'german', duration: seconds, text, segments: [] })
    }
    return json({ text, usage: { type: 'duration', seconds: Math.ceil(seconds) } })
  }
  const audio = Math.ceil(seconds * 10)
  const usage = {
    type: 'tokens',
    input_tokens: audio + 3,
    input_token_details: { text_tokens: 3, audio_tokens: audio },
    output_tokens: 12,
    total_tokens: audio + 15,
  }
  call.billed = { audio, text: 3, output: 12 }
  if (body.stream !== 'true') return json({ text, usage })
  const deltas = [...text].map(delta => ({ type: 'transcript.text.delta', delta }))
  return events([...deltas, { type: 'transcript.text.done', text, usage }])
}

function moderation(call, { model }) {
  call.billed = {}
  return json({ id: 'modr-1', model, results: [{ flagged: false, categories: {}, category_scores: {} }] })
}

function geminiEmbeddings(call, { requests }) {
  for (const { model, content } of requests) {
    if (!model.startsWith('models/') || typeof content.parts[0].text !== 'string') throw refusal(400, 'not a request')
  }
  call.billed = {}
  return json({
    embeddings: requests.map(({ content, outputDimensionality = 4 }) => ({
      values: vectorOf(content.parts[0].text, outputDimensionality),
    })),
  })
}

function cohereEmbeddings(call, { texts, input_type, embedding_types }) {
  if (!input_type || embedding_types[0] !== 'float') throw refusal(400, 'input_type and embedding_types are required')
  const total = texts.reduce((sum, text) => sum + tokensOf(text), 0)
  call.billed = { input: total }
  const meta = { api_version: { version: '2' }, billed_units: { input_tokens: total } }
  return json({ id: 'e-1', embeddings: { float: texts.map(text => vectorOf(text, 4)) }, texts, meta })
}

function rerank(call, { documents, top_n = documents.length }) {
  const searches = Math.ceil(documents.length / 100)
  call.billed = { searches }
  const results = documents.slice(0, top_n).map((_, index) => ({ index, relevance_score: 1 / (index + 1) }))
  return json({ id: 'r-1', results, meta: { api_version: { version: '2' }, billed_units: { search_units: searches } } })
}

// What is kept: files by their id, and batches, which are done when they have been asked after once.
const files = new Map()
const batches = new Map()

function keepFile(bytes, { filename = 'output.jsonl', purpose = 'batch_output' } = {}) {
  const file = { id: `file-up${files.size + 1}`, object: 'file', bytes: bytes.length, filename, purpose, created_at: 1 }
  files.set(file.id, { file, bytes })
  return file
}

function uploadedFile(_, { purpose, parts }) {
  const { file, filename } = parts.find(part => part.name === 'file')
  return json(keepFile(file, { filename, purpose }))
}

function answerLine(line) {
  const { custom_id, body } = JSON.parse(line)
  const usage = { prompt_tokens: tokensOf(line), completion_tokens: 7, total_tokens: tokensOf(line) + 7 }
  return { custom_id, response: { status_code: 200, body: { object: 'chat.completion', model: body.model, usage } } }
}

function finished(batch, status) {
  const answers = files.get(batch.input_file_id).bytes.toString().trim().split('\n').map(answerLine)
  const done = status === 'completed' ? answers : answers.slice(0, 1)
  const usages = done.map(({ response }) => response.body.usage)
  const total = name => usages.reduce((sum, usage) => sum + usage[name], 0)
  const output = keepFile(Buffer.from(done.map(answer => JSON.stringify(answer)).join('\n')))
  const billed = { input: total('prompt_tokens'), output: total('completion_tokens') }
  return { ...batch, status, output_file_id: output.id, billed }
}

function madeBatch(_, { input_file_id, endpoint, metadata }) {
  if (!files.has(input_file_id)) throw refusal(400, 'no such input file', 'input_file_id')
  if (metadata?.order === 'refuse') throw refusal(429, 'too many batches')
  const batch = { id: `batch_up${batches.size + 1}`, object: 'batch', endpoint, input_file_id, metadata }
  batches.set(batch.id, { ...batch, status: 'validating' })
  return json(batches.get(batch.id))
}

function askedBatch(call, id, action) {
  const batch = batches.get(id)
  if (!batch) throw refusal(404, 'no such batch')
  const isOver = batch.billed !== undefined
  const next = action === '/cancel' ? finished(batch, 'cancelled') : { ...batch, status: 'in_progress' }
  const asked = batch.status === 'in_progress' ? finished(batch, 'completed') : next
  if (!isOver) batches.set(id, asked)
  const { billed, ...said } = batches.get(id)
  call.billed = billed
  return json(said)
}

function askedFile(call, id, action) {
  const kept = files.get(id)
  if (!kept) throw refusal(404, `No such File object: ${id}`)
  if (call.method === 'DELETE') files.delete(id)
  if (call.method === 'DELETE') return json({ id, object: 'file', deleted: true })
  return action === '/content' ? { type: 'application/octet-stream', pieces: [kept.bytes] } : json(kept.file)
}

function keptAnswer(call) {
  const [, kind, id, action = ''] = /^\/v1\/(files|batches)\/([\w-]+)(\/\w+)?$/.exec(call.url) ?? []
  if (kind === 'files') return askedFile(call, id, action)
  return kind === 'batches' ? askedBatch(call, id, action) : undefined
}

const PATHS = {
  '/v1/files': uploadedFile,
  '/v1/batches': madeBatch,
  '/v1/embeddings': embeddings,
  '/v1/images/generations': images,
  '/v1/images/edits': images,
  '/v1/images/variations': images,
  '/v1/audio/speech': speech,
  '/v1/audio/transcriptions': transcript,
  '/v1/audio/translations': transcript,
  '/v1/moderations': moderation,
  '/v2/embed': cohereEmbeddings,
  '/v2/rerank': rerank,
}

function answerOf(call) {
  const { url, body } = call
  const said = JSON.stringify(body)
  const status = Number(/fail (\d{3})/.exec(said)?.[1] ?? 200)
  if (status !== 200) throw refusal(status, `scripted ${status}`)
  if (/^\/v1beta\/models\/[\w.-]+:batchEmbedContents$/.test(url)) return geminiEmbeddings(call, body)
  const kept = keptAnswer(call)
  if (kept) return kept
  const path = PATHS[url]
  if (!path) throw refusal(404, `no such path: ${url}`)
  return path(call, body)
}

// Google's and Cohere's errors are not OpenAI's.
function failure(url, { status = 400, message, param }) {
  if (url.startsWith('/v1beta')) return { error: { code: status, message, status: 'INVALID_ARGUMENT' } }
  if (url.startsWith('/v2')) return { id: 'x', message }
  return { error: { message, type: 'invalid_request_error', param: param ?? null, code: null } }
}

function send(response, call, { status = 200, type, pieces, breaksOff = false }) {
  call.sent = Buffer.concat(pieces)
  call.status = status
  response.writeHead(status, { 'content-type': type, 'x-request-id': 'req_vendor' })
  for (const piece of pieces) response.write(piece)
  if (breaksOff) setTimeout(() => response.destroy(), 50)
  else response.end()
}

async function serve(calls, request, response) {
  const { url, headers, method } = request
  const { text, body } = await readBody(request)
  const call = { url, method, headers, text, body, billed: undefined, sent: Buffer.alloc(0), status: 0 }
  calls.push(call)
  try {
    const key = headers['x-goog-api-key'] ?? headers.authorization?.replace(/^Bearer /, '')
    if (key !== 'sk-vendor') throw refusal(401, 'not the key of this vendor')
    send(response, call, answerOf(call))
  } catch (thrown) {
    call.billed = undefined
    send(response, call, { status: thrown.status ?? 400, ...json(failure(url, thrown)) })
  }
}

/** Starts the vendor on a free port. `last()` is the call that reached it last. */
export async function startMediaVendor() {
  /** @type {any[]} */
  const calls = []
  const server = createServer((request, response) => {
    serve(calls, request, response).catch(() => response.destroy())
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const baseUrl = `http://127.0.0.1:${port}`
  const env = {
    OPENAI_API_KEY: 'sk-vendor',
    OPENAI_BASE_URL: `${baseUrl}/v1`,
    MISTRAL_API_KEY: 'sk-vendor',
    MISTRAL_BASE_URL: `${baseUrl}/v1`,
    GEMINI_API_KEY: 'sk-vendor',
    GEMINI_BASE_URL: baseUrl,
    COHERE_API_KEY: 'sk-vendor',
    COHERE_BASE_URL: baseUrl,
  }
  const stop = () => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(() => resolve(undefined)))
  }
  return { baseUrl, env, calls, last: () => calls.at(-1), stop }
}
