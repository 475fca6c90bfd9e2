// What is no conversation: embeddings, images, sound, moderation, ranking. Each with the official client, against a vendor that
// says what it bills: what the client gets, what is charged, and what is refused.
import OpenAI, { APIError, toFile } from 'openai'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { startMediaVendor } from '../support/vendors/openai-media.mjs'
import { startWeir } from '../support/weir-server.mjs'

const MAX_FORM_BYTES = 200_000
const MAX_BODY_BYTES = 500_000
const PROVIDERS = ['openai', 'mistral', 'google', 'cohere', 'mock']

type Body = NonNullable<RequestInit['body']>

let vendor: Awaited<ReturnType<typeof startMediaVendor>>
let weir: Awaited<ReturnType<typeof startWeir>>
let key: { id: string; value: string }

function grants(providers: string[], allowed_models = ['*']) {
  return providers.map(provider => ({ provider, allowed_models, key_ids: ['*'] }))
}

beforeAll(async () => {
  vendor = await startMediaVendor()
  const env = { ...vendor.env, MAX_FORM_BYTES: String(MAX_FORM_BYTES), MAX_BODY_BYTES: String(MAX_BODY_BYTES) }
  weir = await startWeir({ upstreamUrl: vendor.env.OPENAI_BASE_URL, env })
  key = await weir.admin.createKey({ budgetUsd: 1000, provider_configs: grants(PROVIDERS) })
})

afterAll(async () => {
  await weir?.dispose()
  await vendor?.stop()
})

/** The client, whose requests carry a name of their own. */
function named(apiKey = key.value) {
  const id = `wire-${crypto.randomUUID()}`
  const client = new OpenAI({
    apiKey,
    baseURL: `${weir.baseUrl}/v1`,
    maxRetries: 0,
    defaultHeaders: { 'x-request-id': id },
  })
  return { id, client }
}

/** The one event of a request. */
async function eventOf(id: string) {
  const events = await until(
    () => weir.admin.listEvents({ request_id: id }),
    found => found.length > 0,
  )
  if (events.length > 1) throw new Error(`${events.length} events of ${id}`)
  return events[0]
}

/** What the vendor billed last, of calls that made something. */
function billedLast() {
  const call = vendor.calls.findLast(({ billed }) => billed?.output)
  if (!call) throw new Error('nothing was billed')
  return call.billed
}

/** What an event says it was charged for: unit and quantity. */
async function chargedFor({ id }: { id: string }): Promise<Record<string, number>> {
  const { cost_explanation } = await weir.admin.call('GET', `/v1/events/${id}`)
  return Object.fromEntries(cost_explanation.lines.map((line: Line) => [line.unit, line.quantity]))
}
type Line = { unit: string; quantity: number }

async function failureOf(work: Promise<unknown>): Promise<APIError> {
  const thrown = await work.then(
    () => undefined,
    error => error,
  )
  if (thrown instanceof APIError) return thrown
  throw new Error(`not refused: ${thrown}`)
}

function wav(seconds: number, name = 'a.wav') {
  const rate = 8000
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + rate * seconds, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36)
  head.writeUInt32LE(rate * seconds, 40)
  return toFile(Buffer.concat([head, Buffer.alloc(rate * seconds, 128)]), name, { type: 'audio/wav' })
}

const picture = () => toFile(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255, 13, 10]), 'p.png', { type: 'image/png' })

describe('embeddings', () => {
  const model = 'openai/text-embedding-3-small'

  it('come as the vendor sent them, from texts and from tokens, and cost its tokens', async ({ expect }) => {
    for (const input of ['Grüezi 👋🏽', ['one', 'two two two'], [1, 22, 333], [[1, 2], [3]]]) {
      const { id, client } = named()
      const { data, response } = await client.embeddings
        .create({ model, input, dimensions: 6, encoding_format: 'float' })
        .withResponse()
      const call = vendor.last()
      expect(data).toEqual(JSON.parse(call.sent.toString()))
      expect(call.body).toEqual({ model: 'text-embedding-3-small', input, dimensions: 6, encoding_format: 'float' })
      const cost = call.billed.input * 20
      expect(response.headers.get('x-weir-cost-usd')).toBe((cost / 1e9).toFixed(9).replace(/0+$/, ''))
      expect(await eventOf(id)).toMatchObject({ outcome: 'ok', cost_nano: cost, input_tokens: call.billed.input })
    }
  })

  it('are decoded by the client from base64, of every provider', async ({ expect }) => {
    const models = [model, 'mistral/mistral-embed', 'google/gemini-embedding-001', 'cohere/embed-english-v3.0']
    for (const one of models) {
      const { data } = await named().client.embeddings.create({ model: one, input: ['three', 'words'] })
      expect(data.map(({ embedding }) => embedding.length)).toEqual([4, 4])
      expect(data[0]?.embedding[0]).toBeCloseTo(Math.sin(5), 5)
    }
    const { data } = await named().client.embeddings.create({ model: 'mock/embed', input: 'a', dimensions: 3 })
    expect(data[0]?.embedding).toHaveLength(3)
  })
})

describe('embeddings of providers that tell nothing, or have no such thing', () => {
  it('are counted by us where Google does not', async ({ expect }) => {
    const { id, client } = named()
    await client.embeddings.create({ model: 'google/gemini-embedding-001', input: 'x'.repeat(400) })
    const event = await eventOf(id)
    expect(event).toMatchObject({ outcome: 'estimated', success: true })
    expect(event.input_tokens).toBeGreaterThanOrEqual(100)
    expect(event.cost_nano).toBe(event.input_tokens * 150)
  })

  it('are refused by name, and reach nobody', async ({ expect }) => {
    const before = vendor.calls.length
    const cases = [
      [{ model: 'google/gemini-embedding-001', input: [1, 2] }, 400, 'untranslatable', 'input'],
      [{ model: 'openai/text-embedding-3-small', input: [] }, 400, 'request_invalid', 'input'],
      [{ model: 'openai/text-embedding-3-small', input: { a: 1 } }, 400, 'request_invalid', 'input'],
      [{ model: 'openai/text-embedding-3-small', input: 'a', dimensions: -1 }, 400, 'request_invalid', 'dimensions'],
      [{ model: 'openai/tts-1', input: 'a' }, 400, 'price_unknown', 'model'],
      [{ model: 'cohere/rerank-v3.5', input: 'a' }, 400, 'price_unknown', 'model'],
      [{ model: 'openai/no-such', input: 'a' }, 404, 'model_not_found', 'model'],
    ] as const
    for (const [body, status, code, param] of cases) {
      const failed = await failureOf(named().client.embeddings.create(body as never))
      expect({ body, status: failed.status, code: failed.code, param: failed.param }).toEqual({
        body,
        status,
        code,
        param,
      })
    }
    expect(vendor.calls.length).toBe(before)
  })

  it('keeps conversations from models that have no price for them', async ({ expect }) => {
    for (const model of ['openai/tts-1', 'openai/dall-e-3', 'openai/text-embedding-3-small']) {
      const asked = named().client.chat.completions.create({ model, messages: [{ role: 'user', content: 'hi' }] })
      expect(await failureOf(asked)).toMatchObject({ status: 400, code: 'price_unknown' })
    }
  })

  it('answers a vendor’s refusal in OpenAI’s shape, and charges nothing', async ({ expect }) => {
    for (const model of ['openai/text-embedding-3-small', 'google/gemini-embedding-001', 'cohere/embed-english-v3.0']) {
      const { id, client } = named()
      const failed = await failureOf(client.embeddings.create({ model, input: 'fail 429' }))
      expect(failed).toMatchObject({ status: 429, error: { message: 'scripted 429' } })
      expect(await eventOf(id)).toMatchObject({ outcome: 'provider_error', cost_nano: 0 })
    }
  })
})

describe('images', () => {
  it('of models that are billed by the piece cost so many, of their size and quality', async ({ expect }) => {
    const { id, client } = named()
    const wish = { prompt: 'A fox', size: '1024x1792', quality: 'hd', n: 1 } as const
    const answer = await client.images.generate({ model: 'openai/dall-e-3', ...wish })
    expect(answer).toEqual(JSON.parse(vendor.last().sent.toString()))
    expect(vendor.last().body).toEqual({ model: 'dall-e-3', ...wish })
    expect(await eventOf(id)).toMatchObject({ outcome: 'ok', cost_nano: 120_000_000, held_nano: 120_000_000 })
    const two = named()
    await two.client.images.generate({ model: 'dall-e-2', prompt: 'A fox', n: 2, size: '256x256' })
    const event = await eventOf(two.id)
    expect(event).toMatchObject({ cost_nano: 32_000_000, held_nano: 32_000_000 })
    expect(await chargedFor(event)).toEqual({ images: 2 })
  })

  it('of models that are billed by tokens cost those, and never more than was held', async ({ expect }) => {
    const { id, client } = named()
    await client.images.generate({ model: 'openai/gpt-image-1', prompt: 'A fox', n: 2, quality: 'high' })
    const { text, output } = vendor.last().billed
    const event = await eventOf(id)
    expect(event).toMatchObject({ outcome: 'ok', cost_nano: text * 5000 + output * 40_000, output_tokens: output })
    expect(event.held_nano).toBeGreaterThan(event.cost_nano)
  })

  it('stream as the vendor sends them, and cost what the last event says', async ({ expect }) => {
    const { id } = named()
    const body = { model: 'gpt-image-1', prompt: 'A fox', stream: true, partial_images: 2 }
    const response = await fetch(`${weir.baseUrl}/v1/images/generations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.value}`, 'x-request-id': id },
      body: JSON.stringify(body),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(bytes.equals(vendor.last().sent)).toBe(true)
    const { text, output } = vendor.last().billed
    expect(await eventOf(id)).toMatchObject({ outcome: 'ok', success: true, cost_nano: text * 5000 + output * 40_000 })
    const stream = await named().client.images.generate({ ...body, stream: true })
    const types: string[] = []
    for await (const event of stream) types.push(event.type)
    expect(types.at(-1)).toBe('image_generation.completed')
    expect(types).toHaveLength(3)
  })

  it('are made from images: no byte of a file changes, nor any field but the model', async ({ expect }) => {
    const { id, client } = named()
    const image = [await picture(), await picture()]
    await client.images.edit({ model: 'openai/gpt-image-1', image, mask: await picture(), prompt: 'Bluer', n: 1 })
    const { body, billed } = vendor.last()
    expect(body).toMatchObject({ model: 'gpt-image-1', prompt: 'Bluer', n: '1' })
    const files = body.parts.filter((part: { file?: Buffer }) => part.file)
    expect(files.map((part: { name: string }) => part.name)).toEqual(['image[]', 'image[]', 'mask'])
    for (const { file, filename, type } of files) {
      expect([Buffer.from(await (await picture()).arrayBuffer()).equals(file), filename, type]).toEqual([
        true,
        'p.png',
        'image/png',
      ])
    }
    const cost = billed.text * 5000 + billed.image * 10_000 + billed.output * 40_000
    expect(await eventOf(id)).toMatchObject({ outcome: 'ok', cost_nano: cost })
    const other = named()
    await other.client.images.createVariation({ model: 'dall-e-2', image: await picture(), n: 3, size: '512x512' })
    expect(await eventOf(other.id)).toMatchObject({ outcome: 'ok', cost_nano: 54_000_000 })
  })

  it('are refused by name where no price is known, or nobody could say what they cost', async ({ expect }) => {
    const generate = (body: object) => failureOf(named().client.images.generate(body as never))
    const fox = { prompt: 'A fox' }
    expect(await generate({ ...fox, model: 'dall-e-3', size: '1x1' })).toMatchObject({ code: 'price_unknown' })
    expect(await generate({ ...fox, model: 'dall-e-3', quality: 'auto' })).toMatchObject({ code: 'price_unknown' })
    expect(await generate({ ...fox, model: 'gpt-4o-mini', n: 11 })).toMatchObject({ param: 'n' })
    expect(await generate({ ...fox, model: 'gpt-image-1', n: 2, stream: true })).toMatchObject({ param: 'n' })
    expect(await generate({ model: 'gpt-image-1' })).toMatchObject({ param: 'prompt' })
    expect(await generate({ ...fox, model: 'mock/echo' })).toMatchObject({ code: 'untranslatable', param: 'model' })
  })
})

describe('speech', () => {
  const say = { voice: 'alloy', input: 'Grüezi 👋🏽, how are you?' } as const

  it('is the vendor’s sound byte for byte, and costs its characters', async ({ expect }) => {
    const { id, client } = named()
    const { data, response } = await client.audio.speech.create({ model: 'openai/tts-1', ...say }).withResponse()
    const sound = Buffer.from(await data.arrayBuffer())
    expect(sound.equals(vendor.last().sound)).toBe(true)
    expect(response.headers.get('content-type')).toBe('audio/mpeg')
    expect(vendor.last().body).toEqual({ model: 'tts-1', ...say })
    const cost = [...say.input].length * 15_000
    const event = await eventOf(id)
    expect(event).toMatchObject({ outcome: 'ok', success: true, cost_nano: cost, held_nano: cost })
    expect(await chargedFor(event)).toEqual({ characters: [...say.input].length })
  })

  it('is asked for in events where only those tell what it costs, and given as sound', async ({ expect }) => {
    const { id, client } = named()
    const model = 'openai/gpt-4o-mini-tts'
    const { data, response } = await client.audio.speech
      .create({ model, ...say, response_format: 'opus' })
      .withResponse()
    expect(Buffer.from(await data.arrayBuffer()).equals(vendor.last().sound)).toBe(true)
    expect(response.headers.get('content-type')).toBe('audio/opus')
    const { input, output } = vendor.last().billed
    const event = await eventOf(id)
    expect(event).toMatchObject({ outcome: 'ok', success: true, cost_nano: input * 600 + output * 12_000 })
    expect(event.held_nano).toBeGreaterThan(event.cost_nano)
  })

  it('in events goes through as it is', async ({ expect }) => {
    const { id, client } = named()
    const asked = client.audio.speech.create({ model: 'gpt-4o-mini-tts', ...say, stream_format: 'sse' })
    expect(Buffer.from(await (await asked).arrayBuffer()).equals(vendor.last().sent)).toBe(true)
    const { input, output } = vendor.last().billed
    expect(await eventOf(id)).toMatchObject({ outcome: 'ok', cost_nano: input * 600 + output * 12_000 })
  })

  it('that breaks off breaks off for the client, and is charged what was held', async ({ expect }) => {
    const { id, client } = named()
    const asked = client.audio.speech.create({ model: 'gpt-4o-mini-tts', voice: 'alloy', input: 'break off' })
    await expect(asked.then(answer => answer.arrayBuffer())).rejects.toThrow()
    const event = await eventOf(id)
    expect(event).toMatchObject({ outcome: 'estimated', success: false })
    expect(event.cost_nano).toBeGreaterThan(event.held_nano * 0.9)
  })

  it('that the vendor refuses is refused in its words', async ({ expect }) => {
    const asked = named().client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'fail 500' })
    expect(await failureOf(asked)).toMatchObject({ status: 500, error: { message: 'scripted 500' } })
  })
})

describe('transcripts', () => {
  it('by the second cost what the answer says, else what the file says', async ({ expect }) => {
    const cases = [
      ['json', 'ok', 8],
      ['verbose_json', 'ok', 8],
      ['text', 'estimated', 10],
    ] as const
    for (const [response_format, outcome, seconds] of cases) {
      const { id, client } = named()
      const prompt = 'lasts 7.2'
      const file = await wav(10)
      const answer = await client.audio.transcriptions.create({ model: 'whisper-1', file, response_format, prompt })
      const { sent, body } = vendor.last()
      expect(typeof answer === 'string' ? answer : JSON.stringify(answer)).toBe(sent.toString())
      expect(body).toMatchObject({ model: 'whisper-1', response_format, prompt })
      const [heard] = body.parts.filter((part: { name: string }) => part.name === 'file')
      expect(heard.file.equals(Buffer.from(await file.arrayBuffer()))).toBe(true)
      const held_nano = 10 * 100_000
      const event = await eventOf(id)
      expect(event).toMatchObject({ outcome, success: true, cost_nano: seconds * 100_000, held_nano })
      expect(await chargedFor(event)).toEqual({ audio_seconds: seconds })
    }
  })

  it('by tokens cost those, whole and in a stream', async ({ expect }) => {
    for (const stream of [false, true]) {
      const { id, client } = named()
      const model = 'openai/gpt-4o-transcribe'
      const answer = await client.audio.transcriptions.create({ model, file: await wav(3), stream: stream as true })
      const types: string[] = []
      if (stream) for await (const event of answer) types.push(event.type)
      const { audio, text, output } = vendor.last().billed
      const event = await eventOf(id)
      const cost_nano = audio * 6000 + text * 2500 + output * 10_000
      expect(event).toMatchObject({ outcome: 'ok', is_stream: stream, cost_nano })
      expect(types.at(-1)).toBe(stream ? 'transcript.text.done' : undefined)
    }
  })

  it('are translated too', async ({ expect }) => {
    const { id, client } = named()
    const { text } = await client.audio.translations.create({ model: 'whisper-1', file: await wav(1) })
    expect(text).toContain('Grüezi 👋🏽')
    expect(await eventOf(id)).toMatchObject({ outcome: 'ok', cost_nano: 8 * 100_000 })
  })

  it('are refused without a file, as JSON, as half a form, or over the size of forms', async ({ expect }) => {
    const before = vendor.calls.length
    const url = `${weir.baseUrl}/v1/audio/transcriptions`
    const post = async (body: Body, type?: string) => {
      const headers = { authorization: `Bearer ${key.value}`, ...(type && { 'content-type': type }) }
      const response = await fetch(url, { method: 'POST', headers, body })
      const { error } = (await response.json()) as { error: { code: string; param: string | null; type: string } }
      return { status: response.status, code: error.code, type: error.type }
    }
    const form = new FormData()
    form.append('model', 'whisper-1')
    const type = 'invalid_request_error'
    expect(await post(form)).toEqual({ status: 400, code: 'request_invalid', type })
    expect(await post('{}', 'application/json')).toEqual({ status: 400, code: 'form_malformed', type })
    expect(await post('--x\r\nnonsense', 'multipart/form-data; boundary=x')).toMatchObject({ code: 'form_malformed' })
    expect(await post('', 'multipart/form-data')).toMatchObject({ code: 'form_malformed' })
    form.append('file', new Blob([new Uint8Array(MAX_FORM_BYTES)]), 'a.wav')
    expect(await post(form)).toEqual({ status: 413, code: 'body_too_large', type })
    expect(vendor.calls.length).toBe(before)
  })
})

describe('moderation and ranking', () => {
  it('is free and still counted as a request', async ({ expect }) => {
    const limit = { request_max_limit: 2, request_reset_duration: '1h' }
    const limited = await weir.admin.createKey({
      budgetUsd: 0.000001,
      provider_configs: grants(['openai']),
      rate_limit: limit,
    })
    for (let asked = 0; asked < 2; asked++) {
      const { id, client } = named(limited.value)
      const { results } = await client.moderations.create({ input: ['Hello'] })
      expect(results[0]?.flagged).toBe(false)
      expect(vendor.last().body.model).toBe('omni-moderation-latest')
      expect(await eventOf(id)).toMatchObject({ outcome: 'ok', cost_nano: 0, success: true })
    }
    const failed = await failureOf(named(limited.value).client.moderations.create({ input: 'Hello' }))
    expect(failed).toMatchObject({ status: 429, code: 'request_limited' })
  })

  it('costs a search for each hundred documents', async ({ expect }) => {
    for (const path of ['/v1/rerank', '/v2/rerank']) {
      const { id } = named()
      const body = { model: 'cohere/rerank-v3.5', query: 'q', documents: Array(150).fill('doc'), top_n: 2 }
      const headers = { authorization: `Bearer ${key.value}`, 'x-request-id': id }
      const init = { method: 'POST', headers, body: JSON.stringify(body) }
      const response = await fetch(weir.baseUrl + path, init)
      expect(await response.text()).toBe(vendor.last().sent.toString())
      expect(vendor.last().body).toEqual({ ...body, model: 'rerank-v3.5' })
      const event = await eventOf(id)
      expect(event).toMatchObject({ outcome: 'ok', cost_nano: 4_000_000, held_nano: 4_000_000 })
      expect(await chargedFor(event)).toEqual({ search_units: 2 })
    }
  })
})

/** A request on each wire: its path and its body. */
async function requests(): Promise<[path: string, body: () => Body][]> {
  const json = (body: object) => () => JSON.stringify(body)
  const form = (fields: Record<string, string | File>) => () => {
    const made = new FormData()
    for (const [name, value] of Object.entries(fields)) made.append(name, value)
    return made
  }
  const [image, file] = [await picture(), await wav(0.1)]
  return [
    ['/v1/embeddings', json({ model: 'text-embedding-3-small', input: 'hello' })],
    ['/v1/images/generations', json({ model: 'dall-e-2', prompt: 'A fox' })],
    ['/v1/images/edits', form({ model: 'dall-e-2', prompt: 'A fox', image })],
    ['/v1/images/variations', form({ model: 'dall-e-2', image })],
    ['/v1/audio/speech', json({ model: 'tts-1', input: 'hello', voice: 'alloy' })],
    ['/v1/audio/transcriptions', form({ model: 'whisper-1', file })],
    ['/v1/audio/translations', form({ model: 'whisper-1', file })],
    ['/v1/moderations', json({ input: 'hello' })],
    ['/v1/rerank', json({ model: 'rerank-v3.5', query: 'q', documents: ['d'] })],
  ]
}

describe('every wire', () => {
  const post = (path: string, headers: Record<string, string>, body: Body) =>
    fetch(weir.baseUrl + path, { method: 'POST', headers, body })
  const codeOf = async (response: Response) => ((await response.json()) as { error: { code: string } }).error.code

  it('takes a key from each of the five headers, and answers nobody without one', async ({ expect }) => {
    const headers = { 'x-bf-vk': '', authorization: 'Bearer ', 'x-api-key': '', 'x-goog-api-key': '', 'api-key': '' }
    for (const [path, body] of await requests()) {
      for (const [name, before] of Object.entries(headers)) {
        const response = await post(path, { [name]: before + key.value }, body())
        expect([path, name, response.status]).toEqual([path, name, 200])
        await response.arrayBuffer()
        expect(JSON.stringify(vendor.last().headers)).not.toContain(key.value)
      }
      expect(await codeOf(await post(path, {}, body()))).toBe('key_missing')
      expect(await codeOf(await post(path, { 'api-key': 'sk-bf-forged' }, body()))).toBe('key_invalid')
      const get = await fetch(weir.baseUrl + path, { headers: { 'api-key': key.value } })
      expect([get.status, await codeOf(get)]).toEqual([405, 'method_not_allowed'])
    }
  })

  it('sends nothing for a key that has no money left, may not use the model, or says nonsense', async ({ expect }) => {
    const provider_configs = grants(['openai', 'cohere'])
    const poor = await weir.admin.createKey({ budgetUsd: 0.000000001, provider_configs })
    const bound = await weir.admin.createKey({ provider_configs: grants(['openai', 'cohere'], ['gpt-4o']) })
    const before = vendor.calls.length
    for (const [path, body] of await requests()) {
      if (path !== '/v1/moderations') {
        const refused = await post(path, { 'api-key': poor.value }, body())
        expect([path, refused.status, await codeOf(refused)]).toEqual([path, 429, 'budget_exceeded'])
      }
      expect([path, await codeOf(await post(path, { 'api-key': bound.value }, body()))]).toEqual([
        path,
        'model_blocked',
      ])
      const malformed = await post(path, { 'api-key': key.value }, '{"model":')
      expect([path, malformed.status]).toEqual([path, 400])
      const huge = await post(path, { 'api-key': key.value }, 'x'.repeat(MAX_BODY_BYTES + 1))
      expect([path, huge.status]).toEqual([path, 413])
    }
    expect(vendor.calls.length).toBe(before)
  })

  it('answers a repeated request of an Idempotency-Key with the first answer, and charges once', async ({ expect }) => {
    for (const [path, body] of await requests()) {
      const headers = { 'api-key': key.value, 'idempotency-key': crypto.randomUUID() }
      const [text, type] = await sealed(body())
      const send = () => post(path, { ...headers, ...(type && { 'content-type': type }) }, text)
      const before = vendor.calls.length
      const first = Buffer.from(await (await send()).arrayBuffer())
      const again = await send()
      expect([path, again.headers.get('x-weir-replayed')]).toEqual([path, 'true'])
      expect(Buffer.from(await again.arrayBuffer()).equals(first)).toBe(true)
      expect(vendor.calls.length - before).toBe(1)
    }
  })
})

describe('files', () => {
  it('are kept at the provider under an id that only their own key can use', async ({ expect }) => {
    const { client } = named()
    const bytes = Buffer.from([0, 255, 13, 10, 1, 2, 3])
    const file = await client.files.create({ file: await toFile(bytes, 'a.bin'), purpose: 'user_data' })
    expect(file).toMatchObject({ object: 'file', filename: 'a.bin', purpose: 'user_data', bytes: 7 })
    expect(file.id).toMatch(/^file-[\w-]+\.[\w-]{22}$/)
    expect(await client.files.retrieve(file.id)).toEqual(file)
    const content = await client.files.content(file.id)
    expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true)

    const other = await weir.admin.createKey({ budgetUsd: 1, provider_configs: grants(['openai']) })
    const before = vendor.calls.length
    const forged = `${file.id.slice(0, -1)}${file.id.endsWith('A') ? 'B' : 'A'}`
    const strangers: [OpenAI, string][] = [
      [named(other.value).client, file.id],
      [client, vendor.last().url.split('/')[3]],
      [client, forged],
      [client, 'file-'],
      [client, file.id.replace('file-', 'batch_')],
    ]
    for (const [asking, id] of strangers) {
      const { files } = asking
      for (const ask of [() => files.retrieve(id), () => files.content(id), () => files.delete(id)]) {
        expect(await failureOf(ask() as Promise<unknown>)).toMatchObject({ status: 404, code: 'not_found' })
      }
    }
    expect(await failureOf(client.files.list() as Promise<unknown>)).toMatchObject({
      status: 501,
      code: 'list_unsupported',
    })
    expect(vendor.calls.length).toBe(before)
    expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true })
    expect(await failureOf(client.files.retrieve(file.id))).toMatchObject({ status: 404 })
  })

  it('are refused for a key that may use no provider that keeps them', async ({ expect }) => {
    const bound = await weir.admin.createKey({ provider_configs: grants(['mock']) })
    const sent = named(bound.value).client.files.create({ file: await toFile(Buffer.from('a'), 'a'), purpose: 'batch' })
    expect(await failureOf(sent)).toMatchObject({ status: 403, code: 'provider_blocked' })
  })
})

describe('batches', () => {
  type Line = Record<string, unknown>
  const line = (index: number, over: Line = {}, body: Line = {}): Line => ({
    custom_id: `line-${index}`,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'gpt-4o-mini', messages: [{ role: 'user', content: `Line ${index}` }], max_tokens: 50, ...body },
    ...over,
  })
  const upload = async (client: OpenAI, lines: Line[]) => {
    const text = lines.map(one => JSON.stringify(one)).join('\n')
    return client.files.create({ file: await toFile(Buffer.from(text), 'in.jsonl'), purpose: 'batch' })
  }
  const wish = { endpoint: '/v1/chat/completions', completion_window: '24h' } as const

  it('hold all that they could cost, at the batch price, and are charged what they used, once', async ({ expect }) => {
    const own = await weir.admin.createKey({ budgetUsd: 1, provider_configs: grants(['openai']) })
    const { id, client } = named(own.value)
    const file = await upload(client, [line(1), line(2), line(3)])
    const batch = await client.batches.create({ ...wish, input_file_id: file.id })
    expect(vendor.last().body.input_file_id).toMatch(/^file-up\d+$/)
    expect(batch).toMatchObject({ status: 'validating', input_file_id: file.id })
    const most = 3 * 50 * 300
    const heldUsd = async () => (await weir.admin.call('GET', `/api/governance/virtual-keys/${own.id}`)).virtual_key
    expect((await heldUsd()).budgets[0].current_usage).toBe(0)
    expect(await client.batches.retrieve(batch.id)).toMatchObject({ id: batch.id, status: 'in_progress' })
    const done = await Promise.all([1, 2, 3].map(() => client.batches.retrieve(batch.id)))
    expect(done.at(-1)).toMatchObject({ id: batch.id, status: 'completed' })
    const { input, output } = billedLast()
    const event = await eventOf(id)
    const cost_nano = input * 75 + output * 300
    expect(event).toMatchObject({
      outcome: 'ok',
      success: true,
      cost_nano,
      service_tier: 'batch',
      model: 'gpt-4o-mini',
    })
    expect(event).toMatchObject({ input_tokens: input, output_tokens: output })
    expect(event.held_nano).toBeGreaterThan(most)
    expect(await chargedFor(event)).toEqual({ input, output })
    const content = await client.files.content(done[0]?.output_file_id ?? '')
    expect((await content.text()).split('\n')).toHaveLength(3)
    await client.batches.retrieve(batch.id)
    const { budgets } = await weir.admin.getKey(own.id)
    expect(Math.round(budgets[0].current_usage * 1e9)).toBe(cost_nano)
  })

  it('are charged at the override that was there when they were made, and not at one that came later', async ({
    expect,
  }) => {
    const own = await weir.admin.createKey({ budgetUsd: 1, provider_configs: grants(['openai']) })
    const { id, client } = named(own.value)
    const override = (usd: number, scope: object) => {
      const patch = { input_cost_per_token_batches: usd, output_cost_per_token_batches: usd }
      const which = { match_type: 'exact', pattern: 'gpt-4o-mini', request_types: ['chat_completion'] }
      const body = { name: 'batches', virtual_key_id: own.id, ...which, ...scope, patch }
      return weir.admin.call('POST', '/api/governance/pricing-overrides', body)
    }
    const { pricing_override: first } = await override(1e-6, { scope_kind: 'virtual_key' })
    const file = await upload(client, [line(1), line(2)])
    const batch = await client.batches.create({ ...wish, input_file_id: file.id })
    await override(1, { scope_kind: 'virtual_key_provider', provider_id: 'openai' })
    await client.batches.cancel(batch.id)
    const { input, output } = billedLast()
    const event = await eventOf(id)
    expect(event.cost_nano).toBe((input + output) * 1000)
    const { cost_explanation } = await weir.admin.call('GET', `/v1/events/${event.id}`)
    expect(cost_explanation.price_source).toMatch(`override:${first.id}:`)
  })

  it('that are cancelled are charged for what was done', async ({ expect }) => {
    const { id, client } = named()
    const file = await upload(client, [line(1), line(2)])
    const batch = await client.batches.create({ ...wish, input_file_id: file.id })
    expect(await client.batches.cancel(batch.id)).toMatchObject({ id: batch.id, status: 'cancelled' })
    const { input, output } = billedLast()
    const cost_nano = input * 75 + output * 300
    expect(await eventOf(id)).toMatchObject({ outcome: 'ok', success: false, cost_nano, output_tokens: 7 })
  })

  it('are refused where they do not fit, and what was held for one that the vendor refuses is free again', async ({
    expect,
  }) => {
    const fits = { budgetUsd: 0.00004, provider_configs: grants(['openai']) }
    const small = await weir.admin.createKey(fits)
    const { client } = named(small.value)
    const one = await upload(client, [line(1)])
    const many = await upload(
      client,
      Array.from({ length: 9 }, (_, index) => line(index)),
    )
    const before = vendor.calls.length
    const refused = await failureOf(client.batches.create({ ...wish, input_file_id: many.id }))
    expect(refused).toMatchObject({ status: 429, code: 'budget_exceeded' })
    // Its file was read, and nothing else was asked.
    expect(vendor.calls.length).toBe(before + 1)
    for (let asked = 0; asked < 3; asked++) {
      const busy = client.batches.create({ ...wish, input_file_id: one.id, metadata: { order: 'refuse' } })
      expect(await failureOf(busy)).toMatchObject({ status: 429, error: { message: 'too many batches' } })
    }
    expect(await client.batches.create({ ...wish, input_file_id: one.id })).toMatchObject({ status: 'validating' })
    const second = await failureOf(client.batches.create({ ...wish, input_file_id: one.id }))
    expect(second).toMatchObject({ status: 429, code: 'budget_exceeded' })
  })

  it('are refused by the line that names an MCP tool which the key may not use', async ({ expect }) => {
    const where = { connection_type: 'http', connection_string: 'https://mcp.example.com/mcp', tools_to_execute: ['*'] }
    await weir.admin.call('POST', '/api/mcp/client', { name: 'batched', ...where })
    const { client } = named()
    const tools = [{ type: 'function', function: { name: 'batched-read', parameters: {} } }]
    const file = await upload(client, [line(1), line(2, {}, { tools })])
    const failed = await failureOf(client.batches.create({ ...wish, input_file_id: file.id }))
    expect(failed).toMatchObject({ status: 403, code: 'mcp_tool_blocked' })
    expect(failed.message).toContain("Line 2 of the input file: Tool 'batched-read' is not allowed")
  })

  it('are refused by the line that is wrong, with nothing held or made', async ({ expect }) => {
    const { client } = named()
    const cases: [Line[], string][] = [
      [[line(1), line(2, {}, { model: 'gpt-4o' })], 'Line 2'],
      [[line(1, { url: '/v1/responses' })], 'its url is not'],
      [[line(1, {}, { stream: true })], 'stream'],
      [[line(1, {}, { model: 'no-such-model' })], 'does not exist'],
      [[line(1, {}, { model: 'tts-1' })], 'price'],
      [[line(1, {}, { messages: 'no' })], 'messages'],
      [[line(1), { nonsense: true }], 'Line 2'],
    ]
    for (const [lines, why] of cases) {
      const file = await upload(client, lines)
      const failed = await failureOf(client.batches.create({ ...wish, input_file_id: file.id }))
      expect([why, failed.status === 400 || failed.status === 404]).toEqual([why, true])
      expect(failed.message).toContain(why)
      expect(vendor.last().url).toMatch(/\/content$/)
    }
    const bound = await weir.admin.createKey({ provider_configs: grants(['openai'], ['gpt-4o']) })
    const other = named(bound.value).client
    const file = await upload(other, [line(1)])
    const blocked = await failureOf(other.batches.create({ ...wish, input_file_id: file.id }))
    expect(blocked).toMatchObject({ status: 403, code: 'model_blocked' })
    const theirs = await failureOf(client.batches.create({ ...wish, input_file_id: file.id }))
    expect(theirs).toMatchObject({ status: 404, code: 'not_found', param: 'input_file_id' })
    const absurd = await failureOf(client.batches.create({ ...wish, endpoint: '/v1/videos', input_file_id: file.id }))
    expect(absurd).toMatchObject({ status: 400, param: 'endpoint' })
    expect(await failureOf(client.batches.list() as Promise<unknown>)).toMatchObject({ code: 'list_unsupported' })
    expect(await failureOf(client.batches.retrieve('batch_1'))).toMatchObject({ status: 404, code: 'not_found' })
  })
})

describe('a durable key', () => {
  it('has its uploads and its sound served by an object that lives on', async ({ expect }) => {
    const durable = await weir.admin.createKey({ budgetUsd: 10, provider_configs: grants(PROVIDERS) })
    await named(durable.value).client.embeddings.create({ model: 'mock/embed', input: 'warm' })
    await weir.admin.updateKey(durable.id, { settlement: 'durable' })
    const heard = named(durable.value)
    const file = await wav(4)
    await heard.client.audio.transcriptions.create({ model: 'whisper-1', file })
    const [sent] = vendor.last().body.parts.filter((part: { name: string }) => part.name === 'file')
    expect(sent.file.equals(Buffer.from(await file.arrayBuffer()))).toBe(true)
    expect(await eventOf(heard.id)).toMatchObject({ outcome: 'ok', cost_nano: 8 * 100_000 })
    const said = named(durable.value)
    const answer = await said.client.audio.speech.create({ model: 'gpt-4o-mini-tts', voice: 'alloy', input: 'Hello' })
    expect(Buffer.from(await answer.arrayBuffer()).equals(vendor.last().sound)).toBe(true)
    expect(await eventOf(said.id)).toMatchObject({ outcome: 'ok', success: true })
  })
})

// A form has another boundary each time it is written.
async function sealed(body: Body): Promise<[Body, string | null]> {
  const response = new Response(body)
  return [await response.arrayBuffer(), response.headers.get('content-type')]
}
