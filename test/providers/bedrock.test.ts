import fc from 'fast-check'
import { describe, it } from 'vitest'
import { findModel, listModels, priceAt } from '../../workers/core/pricing/index.ts'
import { bedrockConverseCodec } from '../../workers/formats/bedrock-converse/bedrock-converse-codec.ts'
import type { StreamDecoder } from '../../workers/formats/codec.ts'
import { bedrockDialect } from '../../workers/providers/bedrock/bedrock-dialect.ts'
import { eventsAsSse } from '../../workers/providers/bedrock/events-as-sse.ts'
import { signRequest } from '../../workers/providers/bedrock/sign-request.ts'
import type { AccessSettings } from '../../workers/providers/port.ts'
import { configuredProviders } from '../../workers/providers/registry.ts'
import { concat, eventFrame, exceptionFrame, makeFrame } from '../formats/make-frame.ts'

const HAIKU = 'eu.anthropic.claude-haiku-4-5-20251001-v1:0'
const PROFILE = `arn:aws:bedrock:eu-central-1:123456789012:inference-profile/${HAIKU}`
const HOST = 'https://bedrock-runtime.eu-central-1.amazonaws.com'
// The key of AWS's own examples.
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const ACCOUNT = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET, AWS_REGION: 'eu-central-1' }

type Secrets = Record<string, string>

/** Bedrock as a deployment with these secrets has it, over a `fetch` that keeps what it was asked. */
function bedrockOf(secrets: Secrets, answer = new Response('{}', { headers: { 'content-type': 'application/json' } })) {
  const asked: { url: string; headers: Record<string, string> }[] = []
  const fetch = async (url: string, { headers }: RequestInit) => {
    asked.push({ url, headers: headers as Record<string, string> })
    return answer
  }
  const provider = configuredProviders({ mock: false, secrets }, fetch).get('bedrock')
  const call = async (model: string, isStream = false) => {
    const access = await provider?.keys[0]?.open()
    const endpoint = provider?.endpoints.get('bedrock-converse')
    if (!access || !endpoint) throw new Error('no Bedrock')
    return endpoint.call({ model, body: '{"messages":[]}', isStream }, access)
  }
  return { provider, asked, call }
}

describe('a request to Bedrock', () => {
  // Made by botocore 1.43.11 (SigV4Auth), AWS's own signer, for the same requests and the same instant.
  it.for([
    { model: HAIKU, token: undefined, signature: '50b457ca0424afffa37be374318607a751dab8b8c4f86012270a5fc6b545b6d5' },
    { model: HAIKU, token: 'tok/+=', signature: '46d3864c98eff0015060ccdab40fcf929fc79a75987fda91af00d6ded0fbcb80' },
    { model: PROFILE, token: undefined, signature: '949d3d48a4392e212c95cdece71aa6ddab2d472a3626828927d361baf77f20be' },
    { model: PROFILE, token: 'tok/+=', signature: '89ede576d640f64e005faa9b90959617afd19c4fa7fb3a5eda8cdcbb7a8e3270' },
  ])('is signed as AWS signs it: $model, $token', async ({ model, token, signature }, { expect }) => {
    const settings: AccessSettings = {
      region: 'eu-central-1',
      accessKeyId: 'AKIDEXAMPLE',
      ...(token && { sessionToken: token }),
    }
    const url = `${HOST}/model/${encodeURIComponent(model)}/converse`
    const outgoing = { url, headers: {}, body: '{"messages":[]}' }
    const access = { baseUrl: HOST, secret: SECRET, settings }
    const { authorization } = await signRequest(outgoing, access, '20261126T010203Z')
    const names = token ? 'content-type;host;x-amz-date;x-amz-security-token' : 'content-type;host;x-amz-date'
    expect(authorization).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261126/eu-central-1/bedrock/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
    )
  })

  // As botocore writes the address.
  it('has its model in one segment of the address, and asks for a stream by another name', async ({ expect }) => {
    const { asked, call } = bedrockOf(ACCOUNT)
    await call(PROFILE)
    await call(HAIKU, true)
    expect(asked.map(({ url }) => url)).toEqual([
      `${HOST}/model/arn%3Aaws%3Abedrock%3Aeu-central-1%3A123456789012%3Ainference-profile%2Feu.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse`,
      `${HOST}/model/eu.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream`,
    ])
    expect(asked[1]?.headers).toMatchObject({
      accept: 'application/vnd.amazon.eventstream',
      'content-type': 'application/json',
      authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\//),
      'x-amz-date': expect.stringMatching(/^\d{8}T\d{6}Z$/),
    })
    expect(JSON.stringify(asked)).not.toContain(SECRET)
  })

  it('carries a Bedrock API key as a bearer, rather than a signature where both are set', async ({ expect }) => {
    const { asked, call } = bedrockOf({ ...ACCOUNT, AWS_BEARER_TOKEN_BEDROCK: 'ABSK-1\n' })
    await call(HAIKU)
    expect(asked[0]).toMatchObject({ headers: { authorization: 'Bearer ABSK-1' } })
    expect(Object.keys(asked[0]?.headers ?? {})).not.toContain('x-amz-date')
  })

  it('goes to BEDROCK_BASE_URL where that is set, signed for it', async ({ expect }) => {
    const { asked, call } = bedrockOf({ ...ACCOUNT, BEDROCK_BASE_URL: 'https://vpce.test/x/' })
    await call(HAIKU)
    expect(asked[0]?.url).toMatch(/^https:\/\/vpce\.test\/x\/model\//)
  })

  it.for(['', 'evil.test/', 'eu-central-1.evil.test#', 'EU-CENTRAL-1', 'eu'])(
    'is not sent where the region is no region: %s',
    async (region, { expect }) => {
      const { provider, asked } = bedrockOf(ACCOUNT)
      const access = { baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com', secret: 's', settings: { region } }
      const request = { model: HAIKU, body: '{}', isStream: false }
      const sent = provider?.endpoints.get('bedrock-converse')?.call(request, access)
      await expect(sent).rejects.toMatchObject({ code: 'provider_key_unusable' })
      expect(asked).toEqual([])
    },
  )
})

describe('the account of a deployment', () => {
  it('is on where its key, its id and its region are set, or a Bedrock API key and a region', ({ expect }) => {
    const isOn = (secrets: Secrets) => bedrockOf(secrets).provider !== undefined
    const without = (name: string) => Object.fromEntries(Object.entries(ACCOUNT).filter(([key]) => key !== name))
    expect(Object.keys(ACCOUNT).map(name => isOn(without(name)))).toEqual([false, false, false])
    expect(isOn(ACCOUNT)).toBe(true)
    expect(isOn({ AWS_BEARER_TOKEN_BEDROCK: 'k' })).toBe(false)
    expect(isOn({ AWS_BEARER_TOKEN_BEDROCK: 'k', AWS_REGION: 'us-east-1' })).toBe(true)
  })

  it('promises to stay in the EU or the US where its region is there, which London and Zurich are not', ({
    expect,
  }) => {
    const placeOf = (AWS_REGION: string) => bedrockOf({ ...ACCOUNT, AWS_REGION }).provider
    expect(placeOf('eu-west-3')).toMatchObject({ region: 'eu-west-3', residency: 'eu' })
    expect(placeOf('eusc-de-east-1')).toMatchObject({ residency: 'eu' })
    expect(placeOf('us-gov-west-1')).toMatchObject({ region: 'us-gov-west-1', residency: 'us' })
    for (const region of ['eu-west-2', 'eu-central-2', 'ap-south-1', 'ca-central-1']) {
      expect(placeOf(region)).toMatchObject({ region })
      expect(placeOf(region)?.residency, region).toBeUndefined()
    }
  })

  // https://aws.amazon.com/bedrock/pricing/: regional endpoints cost a tenth more than global ones.
  it('pays for a region what the pricebook has for it, and for anywhere what it has for that', ({ expect }) => {
    const inputOf = (model: string) => {
      const found = findModel('aws', model)
      return found && priceAt(found, Date.UTC(2026, 10, 26))?.base.input
    }
    const name = 'anthropic.claude-haiku-4-5-20251001-v1:0'
    expect(inputOf(`global.${name}`)).toBe(1_000_000)
    for (const prefix of ['', 'us.', 'eu.', 'jp.']) expect(inputOf(prefix + name), prefix).toBe(1_100_000)
    expect(inputOf(PROFILE)).toBe(1_100_000)
    expect(inputOf('us.amazon.nova-lite-v1:0')).toBe(60_000)
    // What it stands for is not in its name, so that nobody can tell its price.
    expect(inputOf('arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abcd1234')).toBeUndefined()
  })
})

describe('the models of Bedrock', () => {
  it('are listed as they are asked for where the account is, never by names that only the pricebook has', ({
    expect,
  }) => {
    const idsIn = (AWS_REGION: string) => {
      const { provider } = bedrockOf({ ...ACCOUNT, AWS_REGION })
      return listModels('aws').map(({ model }) => ({ entry: model, id: provider?.modelId?.(model) ?? '' }))
    }
    for (const region of ['eu-central-1', 'us-east-1', 'ap-northeast-1', 'sa-east-1']) {
      const ids = idsIn(region)
      expect(ids.filter(({ id }) => id.includes('regional.'))).toEqual([])
      expect(ids.filter(({ entry, id }) => !entry.startsWith('regional.') && entry !== id)).toEqual([])
    }
    const haiku = { entry: 'regional.anthropic.claude-haiku-4-5-20251001-v1:0', id: HAIKU }
    expect(idsIn('eu-central-1')).toContainEqual(haiku)
    expect(findModel('aws', HAIKU)?.model).toBe(haiku.entry)
  })
})

const START = eventFrame('messageStart', { role: 'assistant' })
const TEXT = eventFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Grüezi 👋🏽' } })
const said = (event: string, payload: unknown) => `event: ${event}\ndata: ${JSON.stringify(payload)}\n\n`
const TEXT_SAID = said('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Grüezi 👋🏽' } })
const START_SAID = said('messageStart', { role: 'assistant' })

/** A body of these chunks, made as they are read; then `end` happens, or nothing ever. */
function bodyOf(chunks: Uint8Array[], end: 'closes' | 'breaks' | 'hangs' = 'closes') {
  const seen = { pulls: 0, isCancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = chunks[seen.pulls++]
        if (chunk) return controller.enqueue(chunk)
        if (end === 'closes') return controller.close()
        if (end === 'breaks') return controller.error(new Error('reset'))
        await new Promise(() => undefined)
      },
      cancel: () => {
        seen.isCancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { body, seen }
}

function cutAt(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const chunks: Uint8Array[] = []
  let at = 0
  for (const cut of [...cuts, bytes.length]) {
    chunks.push(bytes.subarray(at, at + cut))
    at = Math.min(bytes.length, at + cut)
  }
  return chunks.filter(({ length }) => length > 0)
}

describe('the binary stream', () => {
  it('is the same events however its bytes are cut', async ({ expect }) => {
    const payload = fc.record({ text: fc.string({ unit: 'grapheme' }), p: fc.string({ unit: 'grapheme-ascii' }) })
    const sent = fc.array(payload, { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(sent, fc.array(fc.integer({ min: 1, max: 60 })), async (payloads, cuts) => {
        const bytes = concat(payloads.map(each => eventFrame('contentBlockDelta', each)))
        const text = await new Response(eventsAsSse(bodyOf(cutAt(bytes, cuts)).body)).text()
        expect(text).toBe(payloads.map(each => said('contentBlockDelta', each)).join(''))
      }),
    )
  })

  it('is one line of data an event, also where the vendor writes its JSON in several', async ({ expect }) => {
    const frame = makeFrame({ ':event-type': 'metadata', ':message-type': 'event' }, '{\r\n"usage":\n{}}')
    expect(await new Response(eventsAsSse(bodyOf([frame]).body)).text()).toBe(
      'event: metadata\ndata: { "usage": {}}\n\n',
    )
  })

  it('ends at a broken frame, and tells it, whether or not more would come', async ({ expect }) => {
    const broken = TEXT.slice()
    broken[30] = (broken[30] ?? 0) ^ 1
    const { body, seen } = bodyOf([START, TEXT, broken, TEXT], 'hangs')
    const text = await new Response(eventsAsSse(body)).text()
    const [before, after] = text.split('event: exception\n')
    expect(before).toBe(START_SAID + TEXT_SAID)
    expect(after).toMatch(/^data: \{"message":"A broken frame\.","code":"BrokenEventStream"\}\n\n$/)
    expect(seen.isCancelled).toBe(true)
  })

  it('tells an exception of the service, and an end within a frame', async ({ expect }) => {
    const slow = exceptionFrame('throttlingException', { message: 'slow down' })
    const text = await new Response(eventsAsSse(bodyOf([START, slow, TEXT.subarray(0, 20)]).body)).text()
    const events = [...text.matchAll(/^event: exception\ndata: ([^\n]*)$/gm)].map(([, data]) => JSON.parse(data ?? ''))
    expect(events).toMatchObject([{ message: 'slow down', code: 'throttlingException' }, { code: 'BrokenEventStream' }])
  })

  it('gives all that it has read before it breaks off', async ({ expect }) => {
    const reader = eventsAsSse(bodyOf([START, TEXT], 'breaks').body).getReader()
    const read = async () => new TextDecoder().decode((await reader.read()).value)
    expect([await read(), await read()]).toEqual([START_SAID, TEXT_SAID])
    await expect(reader.read()).rejects.toThrow('reset')
  })

  it('reads nothing ahead of who listens, and stops when they leave', async ({ expect }) => {
    const { body, seen } = bodyOf([START, TEXT, TEXT, TEXT], 'hangs')
    const events = eventsAsSse(body)
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(seen.pulls).toBe(0)
    const reader = events.getReader()
    await reader.read()
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(seen).toEqual({ pulls: 1, isCancelled: false })
    await reader.cancel()
    expect(seen.isCancelled).toBe(true)
  })

  it.for([
    { what: 'a refusal', status: 429, type: 'application/json', isStream: true },
    { what: 'JSON', status: 200, type: 'application/json', isStream: true },
    { what: 'a whole answer', status: 200, type: 'application/octet-stream', isStream: false },
  ])('is not looked for in $what', async ({ status, type, isStream }, { expect }) => {
    const answer = new Response('{"message":"no"}', { status, headers: { 'content-type': type } })
    expect(await bedrockOf(ACCOUNT, answer).call(HAIKU, isStream)).toBe(answer)
  })

  it.for(['application/vnd.amazon.eventstream', 'application/octet-stream'])(
    'is server-sent events to whoever asked for a stream (%s)',
    async (type, { expect }) => {
      const headers = { 'content-type': type, 'content-length': '7', 'x-amzn-requestid': 'r1' }
      const answer = new Response(bodyOf([START, TEXT]).body, { headers })
      const events = await bedrockOf(ACCOUNT, answer).call(HAIKU, true)
      expect(Object.fromEntries(events.headers)).toEqual({
        'content-type': 'text/event-stream',
        'x-amzn-requestid': 'r1',
      })
      expect(await events.text()).toBe(START_SAID + TEXT_SAID)
    },
  )
})

const dialect = bedrockDialect()

function readerOf(events: unknown[]) {
  const reader = dialect.streamReader()
  for (const event of events) reader.read(JSON.stringify(event))
  return reader
}

/** The kinds of what a decoder makes of server-sent events. */
function decodedBy(decoder: StreamDecoder, sse: string) {
  const events = [...sse.matchAll(/^event: (.*)\ndata: ([^\n]*)$/gm)]
  return events.flatMap(([, event = '', data = '']) => decoder.push({ event, data }))
}

const delta = (said: object) => ({ contentBlockIndex: 0, delta: said })
const STOP = { stopReason: 'end_turn' }
const METADATA = {
  usage: { inputTokens: 22, outputTokens: 55, serverToolUsage: {}, totalTokens: 77 },
  metrics: { latencyMs: 9 },
}

describe('the dialect of Converse', () => {
  it('leaves a request as it is, but for its cap', ({ expect }) => {
    const prepared = (body: Record<string, unknown>, maxOutputTokens?: number) =>
      JSON.parse(dialect.prepare(body, { model: HAIKU, isStream: true, maxOutputTokens }))
    const sent = { messages: [], inferenceConfig: { temperature: 0, maxTokens: 900 } }
    expect(prepared(sent)).toEqual(sent)
    expect(prepared(sent, 1000)).toEqual(sent)
    expect(prepared(sent, 100).inferenceConfig).toEqual({ temperature: 0, maxTokens: 100 })
    expect(prepared({ messages: [] }, 100)).toEqual({ messages: [], inferenceConfig: { maxTokens: 100 } })
  })

  it('reads the usage of a whole answer, where cached input comes beside the rest', ({ expect }) => {
    const usage = {
      ...{ inputTokens: 10, outputTokens: 7, totalTokens: 167, cacheReadInputTokens: 100, cacheWriteInputTokens: 50 },
      cacheDetails: [{ ttl: '1h', inputTokens: 30 }],
    }
    const told = {
      inputTokens: 160,
      cachedInputTokens: 100,
      cacheWriteTokens: 50,
      cacheWrite1hTokens: 30,
      outputTokens: 7,
    }
    expect(dialect.readUsage({ usage })).toMatchObject(told)
    expect(dialect.readUsage({ usage, serviceTier: { type: 'flex' } })?.serviceTier).toBe('flex')
    for (const odd of [undefined, {}, { inputTokens: 1 }, { inputTokens: -1, outputTokens: 2 }, 7])
      expect(dialect.readUsage({ usage: odd })).toBeUndefined()
  })

  it('reads the usage of a stream, before or after the end of its message', ({ expect }) => {
    const words = [{ role: 'assistant' }, delta({ text: 'Let' }), delta({ text: ' me' }), { contentBlockIndex: 0 }]
    for (const events of [
      [...words, STOP, METADATA],
      [...words, METADATA, STOP],
    ]) {
      const reader = readerOf(events)
      expect(reader.usage()).toMatchObject({ isWhole: true, usage: { inputTokens: 22, outputTokens: 55 } })
      expect(reader.hasEnded()).toBe(true)
      expect(reader.isOutputOver(0)).toBe(false)
    }
  })

  it('counts text, thoughts and calls of a stream that broke off, and believes what it told before', ({ expect }) => {
    const events = [
      { role: 'assistant' },
      delta({ reasoningContent: { text: 'four' } }),
      delta({ reasoningContent: { signature: 'x'.repeat(400) } }),
      delta({ text: 'four' }),
      { contentBlockIndex: 1, start: { toolUse: { toolUseId: 't', name: 'four' } } },
      delta({ toolUse: { input: '{"a":1} ' } }),
    ]
    const reader = readerOf(events)
    expect(reader.usage()).toBeUndefined()
    expect(reader.countOutput()).toBe(5)
    expect(reader.hasEnded()).toBe(false)
    const late = readerOf([...events, METADATA, delta({ text: 'more' })])
    expect(late.usage()).toMatchObject({ isWhole: false, usage: { inputTokens: 22, outputTokens: 56 } })
  })

  it('cuts a stream off as one whose cap was reached', ({ expect }) => {
    const reader = readerOf([{ role: 'assistant' }, delta({ text: 'hello' })])
    const deltas = decodedBy(bedrockConverseCodec.streamDecoder(), reader.cutOff({ withUsage: true, inputTokens: 9 }))
    expect(deltas).toMatchObject([
      { kind: 'start' },
      { kind: 'finish', finish: 'length' },
      { kind: 'usage', usage: { inputTokens: 9, outputTokens: 2 } },
    ])
  })

  it('reads whatever is said', ({ expect }) => {
    const reader = dialect.streamReader()
    for (const odd of ['', '{', 'null', '[]', '{"usage":{}}', '{"delta":7,"start":null}', '{"stopReason":{}}'])
      expect(() => reader.read(odd)).not.toThrow()
    expect(() => [reader.usage(), reader.countOutput(), reader.isOutputOver(0)]).not.toThrow()
  })
})
