import fc from 'fast-check'
import { describe, it } from 'vitest'
import { idSeal } from '../../workers/core/key/id-seal.ts'
import { ceilingOf, costOf, type PriceList } from '../../workers/core/pricing/index.ts'
import { DEFAULT_HANDLING, type KeySnapshot } from '../../workers/core/snapshot.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'
import { type GatewayError, toGatewayError } from '../../workers/errors/gateway-error.ts'
import type { Ask } from '../../workers/gateway/ask.ts'
import { fitAsk } from '../../workers/gateway/fit-ask.ts'
import { type Route, routeTo } from '../../workers/gateway/routing/route-to.ts'
import { sizeHold } from '../../workers/gateway/size-hold.ts'
import { secondsOf } from '../../workers/gateway/sound/seconds-of.ts'
import { SoundTap } from '../../workers/gateway/sound-tap.ts'
import { streamError } from '../../workers/gateway/stream-error.ts'
import { textBytes, textsOf, withModel } from '../../workers/gateway/wires/form-parts.ts'
import { wireAt } from '../../workers/gateway/wires/wire-at.ts'
import {
  readImagesUsage,
  readInputUsage,
  readRerankUsage,
  readSpeechUsage,
  readTranscriptUsage,
} from '../../workers/providers/openai-media/read-usage.ts'
import { usageEvents } from '../../workers/providers/openai-media/usage-events.ts'
import { configuredProviders } from '../../workers/providers/registry.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const NAMES = ['OPENAI', 'GEMINI', 'COHERE', 'MISTRAL']
const secrets = Object.fromEntries(NAMES.map(name => [`${name}_API_KEY`, 'sk-x']))
const providers = configuredProviders({ mock: true, secrets }, () => Promise.reject(new Error('no network')))

const snapshot: KeySnapshot = {
  version: 1,
  tenantId: 't',
  keyId: 'k',
  name: 'k',
  keyHash: 'h',
  isActive: true,
  isDeleted: false,
  expiresMs: null,
  teamId: null,
  customerId: null,
  limits: [],
  providers: [...providers.keys()].map(provider => {
    return { provider, weight: null, allowedModels: ['*'], blacklistedModels: [] }
  }),
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (thrown) {
    return toGatewayError(thrown).code
  }
}

function refusalOf(work: () => unknown): GatewayError {
  try {
    work()
  } catch (thrown) {
    return toGatewayError(thrown)
  }
  throw new Error('not refused')
}

/** What a wire reads of a JSON body, or of a form. */
function read(path: string, sent: Record<string, unknown> | FormData, file?: Uint8Array): Ask {
  const at = wireAt(`https://weir.test${path}`)
  if (!at) throw new Error(`no wire at ${path}`)
  if (sent instanceof FormData) {
    return at.wire.read({ raw: textsOf(sent), bytes: textBytes(sent), path: {}, form: sent, file })
  }
  const bytes = new TextEncoder().encode(JSON.stringify(sent)).length
  return at.wire.read({ raw: sent, bytes, path: {} })
}

function routeOf(ask: Ask): Route {
  const [name = '', ...model] = ask.model.split('/')
  const provider = providers.get(name)
  if (!provider) throw new Error(`no provider ${name}`)
  return routeTo(
    { provider, model: model.join('/') },
    { format: ask.format, snapshot, nowMs: NOW, random: () => 0, units: ask.fixed?.units },
  )
}

function held(ask: Ask, prices?: PriceList) {
  const chosen = routeOf(ask)
  const { ask: fitted, route } = fitAsk(ask, prices ? { ...chosen, prices } : chosen)
  return { ...sizeHold(fitted, route, { handling: DEFAULT_HANDLING }), fitted, route }
}

function formOf(fields: Record<string, string | Blob>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  return form
}

type WavHead = { rate?: number; channels?: number; bits?: number; told?: number }

function wavOf(seconds: number, { rate = 8000, channels = 1, bits = 8, told }: WavHead = {}) {
  const file = new Uint8Array(44 + (rate * channels * bits * seconds) / 8)
  const view = new DataView(file.buffer)
  const put = (at: number, text: string) => file.set(new TextEncoder().encode(text), at)
  put(0, 'RIFF')
  put(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, channels, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, told ?? (rate * channels * bits) / 8, true)
  view.setUint16(32, (channels * bits) / 8, true)
  view.setUint16(34, bits, true)
  put(36, 'data')
  view.setUint32(40, 0xffffffff, true)
  return file
}

/** Frames of MPEG-1 layer III at 44.1 kHz: 128 kbit/s, then 64. */
function mp3Of(frames: number, tail = 0) {
  const frame = (kilobits: number, code: number) => {
    const bytes = new Uint8Array(Math.floor((144_000 * kilobits) / 44_100))
    bytes.set([0xff, 0xfb, code << 4, 0])
    return [...bytes]
  }
  const all = Array.from({ length: frames }, (_, index) => (index % 2 ? frame(64, 5) : frame(128, 9))).flat()
  return new Uint8Array([
    0x49,
    0x44,
    0x33,
    4,
    0,
    0,
    0,
    0,
    1,
    2,
    ...new Uint8Array(130),
    ...all,
    ...new Uint8Array(tail),
  ])
}

describe('how long a sound lasts', () => {
  it('is told exactly by the bytes of a WAV, whatever its head says of its length', ({ expect }) => {
    expect(secondsOf(wavOf(10))).toBe(10)
    expect(secondsOf(wavOf(10, { rate: 48_000, channels: 2, bits: 16 }))).toBe(10)
    expect(secondsOf(wavOf(2.25))).toBe(3)
  })

  it('is told exactly by the frames of an MP3, at any bitrate', ({ expect }) => {
    expect(secondsOf(mp3Of(100))).toBe(Math.ceil((100 * 1152) / 44_100))
    expect(secondsOf(mp3Of(2000, 128))).toBe(Math.ceil((2000 * 1152) / 44_100))
  })

  it('is bounded by the bytes of what is anything else, or lies', ({ expect }) => {
    const liar = wavOf(100, { told: 4_000_000_000 })
    expect(secondsOf(liar)).toBe(Math.ceil(liar.length / 750))
    const tail = mp3Of(100, 50_000)
    expect(secondsOf(tail)).toBe(Math.ceil(tail.length / 750))
    expect(secondsOf(new Uint8Array(75_000))).toBe(100)
  })

  it('is at least a second, and read of any bytes at all', ({ expect }) => {
    const heads = fc.constantFrom('', 'RIFF....WAVE', 'RIFF....WAVEfmt ', 'ID3', '\u00ff\u00fb\u0090')
    fc.assert(
      fc.property(heads, fc.uint8Array({ maxLength: 400 }), (head, rest) => {
        const bytes = new Uint8Array([...[...head].map(char => char.charCodeAt(0)), ...rest])
        expect(secondsOf(bytes)).toBeGreaterThanOrEqual(1)
      }),
    )
  })
})

describe('what is held', () => {
  const embed = (input: unknown, model = 'openai/text-embedding-3-small') => read('/v1/embeddings', { model, input })
  const image = (over: object) => read('/v1/images/generations', { prompt: 'A fox', ...over })

  it('of embeddings is a token for each byte, of all inputs together, and no output', ({ expect }) => {
    const inputs = Array.from({ length: 40 }, () => 'x'.repeat(1000))
    const { need, bound } = held(embed(inputs))
    expect(bound.outputTokens).toBe(0)
    expect(bound.inputTokens).toBeGreaterThan(40_000)
    expect(need.nano_usd).toBe(bound.inputTokens * 20)
  })

  it('of legacy completions is that of all their prompts together', ({ expect }) => {
    const model = 'openai/gpt-3.5-turbo-instruct'
    const window = routeOf(read('/v1/completions', { model, prompt: 'a' })).priced.contextWindow ?? 0
    const prompt = Array.from({ length: 4 }, () => 'x'.repeat(window))
    expect(held(read('/v1/completions', { model, prompt })).bound.inputTokens).toBe(4 * window)
    expect(held(read('/v1/completions', { model, prompt: prompt.join('') })).bound.inputTokens).toBe(window)
  })

  it('of images is so many of the dearest kind', ({ expect }) => {
    const dear = image({ model: 'openai/dall-e-3', size: '1792x1024', quality: 'hd', n: 3 })
    expect(held(dear).need).toMatchObject({ nano_usd: 360_000_000, tokens: 0 })
    expect(held(image({ model: 'openai/dall-e-3' })).need.nano_usd).toBe(40_000_000)
    const high = held(image({ model: 'openai/gpt-image-1', n: 2 })).bound
    expect(high.outputTokens).toBeGreaterThanOrEqual(2 * 6240)
    const large = held(image({ model: 'openai/gpt-image-2', n: 2 })).bound
    expect(large.outputTokens).toBeGreaterThanOrEqual(2 * 12_329)
  })

  it('is of the model that is asked in the end, not of the one that was named', ({ expect }) => {
    const ask = image({ model: 'openai/gpt-image-1' })
    const other = routeOf(image({ model: 'openai/gpt-image-2' }))
    const { bound } = sizeHold(ask, other, { handling: DEFAULT_HANDLING })
    expect(bound.outputTokens).toBeGreaterThan(12_329)
  })

  it('of an expected key is no less', ({ expect }) => {
    const ask = image({ model: 'openai/gpt-image-1' })
    const expected = { ...DEFAULT_HANDLING, admission: 'expected' as const }
    const { ask: fitted, route } = fitAsk(ask, routeOf(ask))
    expect(sizeHold(fitted, route, { handling: expected })).toEqual(
      sizeHold(fitted, route, { handling: DEFAULT_HANDLING }),
    )
  })

  it('of rankings bounds the searches, however long the documents', ({ expect }) => {
    const model = 'cohere/rerank-v3.5'
    const units = (documents: unknown[], over = {}) =>
      held(read('/v1/rerank', { model, query: 'q', documents, ...over })).fitted.fixed?.units.search_units
    expect(units(Array(100).fill('a'))).toBe(1)
    expect(units(Array(101).fill('a'))).toBe(2)
    // Each is cut off at 4096 tokens, and in 17 pieces at most.
    expect(units(Array(100).fill('x'.repeat(100_000)))).toBe(17)
    expect(units(Array(100).fill('x'.repeat(100_000)), { max_tokens_per_doc: 250 })).toBe(1)
    expect(units([{ text: 'a', title: 'b' }])).toBe(1)
  })

  it('is never below what any usage within it costs', ({ expect }) => {
    const rate = fc.option(fc.integer({ min: 0, max: 10 ** 9 }), { nil: undefined })
    const units = ['images', 'characters', 'audio_seconds', 'search_units', 'input', 'output', 'input_audio'] as const
    const rates = fc.record(Object.fromEntries(units.map(unit => [unit, rate])))
    const wav = wavOf(7)
    const asks = [
      embed(['hello', 'you']),
      image({ model: 'openai/gpt-image-1', n: 3 }),
      read('/v1/audio/speech', { model: 'openai/tts-1', input: 'Grüezi 👋🏽', voice: 'a' }),
      read('/v1/audio/transcriptions', formOf({ model: 'openai/whisper-1', file: new Blob([wav]) }), wav),
      read('/v1/rerank', { model: 'cohere/rerank-v3.5', query: 'q', documents: Array(250).fill('d') }),
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...asks),
        rates,
        fc.tuple(fc.nat(100), fc.nat(100)),
        (ask, base, [inShare, outShare]) => {
          const known = Object.fromEntries(Object.entries(base).filter(([, price]) => price !== undefined))
          const chosen = { ...routeOf(ask), prices: { base: known, tiers: [] } }
          const code = codeOf(() => fitAsk(ask, chosen))
          fc.pre(code === undefined)
          const { ask: fitted, route } = fitAsk(ask, chosen)
          const { need, bound } = sizeHold(fitted, route, { handling: DEFAULT_HANDLING })
          const inputTokens = Math.floor((bound.inputTokens * inShare) / 100)
          const outputTokens = Math.floor((bound.outputTokens * outShare) / 100)
          const usage = {
            ...NO_USAGE,
            inputTokens,
            outputTokens,
            inputAudioTokens: inputTokens,
            units: fitted.fixed?.units ?? {},
          }
          expect(costOf(route.prices, usage)).toBeLessThanOrEqual(need.nano_usd)
          expect(need.nano_usd).toBe(ceilingOf(route.prices, { ...bound, units: fitted.fixed?.units ?? {} }))
        },
      ),
    )
  })
})

describe('what has no price', () => {
  const pricedBy = (ask: Ask, base: PriceList['base']) => codeOf(() => held(ask, { base, tiers: [] }))

  it('is refused: neither the units of a wire nor the tokens that it makes', ({ expect }) => {
    const speech = read('/v1/audio/speech', { model: 'openai/tts-1', input: 'a', voice: 'a' })
    expect(pricedBy(speech, {})).toBe('price_unknown')
    expect(pricedBy(speech, { images: 5 })).toBe('price_unknown')
    expect(pricedBy(speech, { input: 5 })).toBe('price_unknown')
    expect(pricedBy(speech, { output: 5 })).toBe('price_unknown')
    expect(pricedBy(speech, { characters: 5 })).toBeUndefined()
    expect(pricedBy(speech, { input: 5, output: 5 })).toBeUndefined()
    const embed = read('/v1/embeddings', { model: 'openai/text-embedding-3-small', input: 'a' })
    expect(pricedBy(embed, { input: 5 })).toBeUndefined()
    expect(pricedBy(embed, { characters: 5 })).toBe('price_unknown')
  })

  it('is refused where a variant is not known, and where a conversation would be free', ({ expect }) => {
    const odd = read('/v1/images/generations', { model: 'openai/dall-e-3', prompt: 'a', size: '1x1' })
    expect(codeOf(() => held(odd))).toBe('price_unknown')
    const chat = read('/v1/chat/completions', { model: 'mock/echo', messages: [{ role: 'user', content: 'a' }] })
    expect(pricedBy(chat, { images: 5 })).toBe('price_unknown')
    expect(pricedBy(chat, { input: 5 })).toBe('price_unknown')
    expect(pricedBy(chat, { input: 0, output: 0 })).toBeUndefined()
  })

  it('is not passed where what a free model is asked for is free', ({ expect }) => {
    const ask = read('/v1/moderations', { model: 'openai/omni-moderation-latest', input: 'a' })
    expect(held(ask).need).toEqual({ nano_usd: 0, tokens: 0, requests: 1, in_flight: 1 })
  })

  it('is refused of a provider that does no such thing, and of tokens where only texts mean anything', ({ expect }) => {
    const tokens = (model: string) => read('/v1/embeddings', { model, input: [1, 2] })
    expect(codeOf(() => held(tokens('google/gemini-embedding-001')))).toBe('untranslatable')
    expect(codeOf(() => held(tokens('cohere/embed-english-v3.0')))).toBe('untranslatable')
    expect(codeOf(() => held(tokens('openai/text-embedding-3-small')))).toBeUndefined()
    const speech = read('/v1/audio/speech', { model: 'mistral/mistral-large-latest', input: 'a', voice: 'a' })
    expect(codeOf(() => held(speech))).toBe('untranslatable')
  })
})

describe('a request that is no conversation', () => {
  it('is refused by the field that is wrong', ({ expect }) => {
    const wrong: [string, Record<string, unknown>, string][] = [
      ['/v1/embeddings', { input: 'a' }, 'model'],
      ['/v1/embeddings', { model: 'm', input: [[]] }, 'input'],
      ['/v1/embeddings', { model: 'm', input: [1.5] }, 'input'],
      ['/v1/embeddings', { model: 'm', input: Array(2049).fill('a') }, 'input'],
      ['/v1/embeddings', { model: 'm', input: 'a', encoding_format: 'int8' }, 'encoding_format'],
      ['/v1/images/generations', { model: 'm', prompt: 'a', n: 0 }, 'n'],
      ['/v1/images/generations', { model: 'm', prompt: 'a', n: 1e308 }, 'n'],
      ['/v1/images/generations', { model: 'm', prompt: 'a', partial_images: 4 }, 'partial_images'],
      ['/v1/images/generations', { model: 'm', prompt: 'a', stream: 'perhaps' }, 'stream'],
      ['/v1/audio/speech', { model: 'm', input: '' }, 'input'],
      ['/v1/audio/speech', { model: 'm', input: 'a', speed: 0.1 }, 'speed'],
      ['/v1/audio/speech', { model: 'm', input: 'a', stream_format: 'x' }, 'stream_format'],
      ['/v1/moderations', { input: 5 }, 'input'],
      ['/v1/rerank', { model: 'm', query: 'q', documents: [] }, 'documents'],
      ['/v1/rerank', { model: 'm', query: 'q', documents: [5] }, 'documents'],
      ['/v1/rerank', { model: 'm', documents: ['a'] }, 'query'],
    ]
    for (const [path, body, param] of wrong) {
      const { code, extras } = refusalOf(() => read(path, body))
      const [field] = (extras.param ?? '').split('.')
      expect({ path, body, code, field }).toEqual({ path, body, code: 'request_invalid', field: param })
    }
  })

  it('goes on as the form that it was, but for the model', async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,8}(\[\])?$/), fc.string({ unit: 'grapheme' })), { maxLength: 6 }),
        fc.uint8Array({ maxLength: 300 }),
        async (fields, bytes) => {
          const form = new FormData()
          const texts = fields.filter(([name]) => name !== 'model')
          form.append('model', 'provider/one')
          form.append('file', new File([bytes], 'a "b".wav', { type: 'audio/wav' }))
          form.append('model', 'provider/two')
          for (const [name, text] of texts) form.append(name, text)
          const sent = withModel(form, 'new')
          expect(sent.getAll('model')).toEqual(['new'])
          expect([...sent].filter(([name]) => name !== 'model' && name !== 'file')).toEqual(texts)
          const file = sent.get('file')
          expect(file instanceof File && [file.name, file.type]).toEqual(['a "b".wav', 'audio/wav'])
          expect(new Uint8Array(await (file as File).arrayBuffer())).toEqual(bytes)
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('usage', () => {
  it('is what the vendor bills, in each of its shapes', ({ expect }) => {
    const tokens = { input_tokens: 30, output_tokens: 9, total_tokens: 39 }
    expect(readInputUsage({ usage: { prompt_tokens: 7, total_tokens: 7 } })).toMatchObject({ inputTokens: 7 })
    expect(readInputUsage({ usage: { total_tokens: 8 } })).toMatchObject({ inputTokens: 8 })
    const searches = { meta: { billed_units: { search_units: 3 } } }
    expect(readRerankUsage(searches)).toMatchObject({ inputTokens: 0, units: { search_units: 3 } })
    expect(readRerankUsage({ usage: { total_tokens: 5 } })).toMatchObject({ inputTokens: 5 })
    const details = { input_tokens_details: { image_tokens: 20, text_tokens: 10 } }
    const pictures = { inputTokens: 30, inputImageTokens: 20, outputTokens: 9 }
    expect(readImagesUsage({ usage: { ...tokens, ...details } })).toMatchObject({ ...pictures, outputImageTokens: 9 })
    const made = { output_tokens_details: { image_tokens: 4, text_tokens: 5 } }
    expect(readImagesUsage({ usage: { ...tokens, ...details, ...made } })).toMatchObject({ outputImageTokens: 4 })
    expect(readImagesUsage({ data: [{}, {}] })).toMatchObject({ units: { images: 2 }, outputTokens: 0 })
    expect(readSpeechUsage({ usage: tokens })).toMatchObject({ inputTokens: 30, outputTokens: 9, outputAudioTokens: 9 })
    const heard = { usage: { type: 'tokens', ...tokens, input_token_details: { audio_tokens: 28 } } }
    expect(readTranscriptUsage(heard)).toMatchObject({ inputTokens: 30, inputAudioTokens: 28, outputTokens: 9 })
    expect(readTranscriptUsage({ usage: { type: 'duration', seconds: 7 } })).toMatchObject({
      units: { audio_seconds: 7 },
    })
    expect(readTranscriptUsage({ duration: '8.47' })).toMatchObject({ units: { audio_seconds: 9 } })
  })

  it('is nothing where it is malformed, and reading never throws', ({ expect }) => {
    const readers = [readInputUsage, readRerankUsage, readImagesUsage, readSpeechUsage, readTranscriptUsage]
    for (const reader of readers) {
      for (const body of [null, 5, 'text', {}, { usage: null }, { usage: { input_tokens: -1, total_tokens: 1.5 } }]) {
        expect(reader(body)).toBeUndefined()
      }
      fc.assert(fc.property(fc.jsonValue(), body => void reader(body)))
    }
    expect(readTranscriptUsage({ duration: Number.NaN })).toBeUndefined()
    expect(readTranscriptUsage({ duration: '' })).toBeUndefined()
  })

  it('of a stream is in its last event only', ({ expect }) => {
    const reader = usageEvents(readTranscriptUsage)
    const usage = { type: 'tokens', input_tokens: 3, output_tokens: 2 }
    reader.read(JSON.stringify({ type: 'transcript.text.delta', delta: '"type":"transcript.text.done"', usage }))
    expect([reader.hasEnded(), reader.usage()]).toEqual([false, undefined])
    expect(reader.countOutput()).toBe(1)
    reader.read(JSON.stringify({ type: 'transcript.text.done', usage }))
    expect(reader.hasEnded()).toBe(true)
    expect(reader.usage()).toMatchObject({ isWhole: true, usage: { inputTokens: 3, outputTokens: 2 } })
  })
})

describe('a stream of pictures that falls silent', () => {
  it('fails in OpenAI’s words', ({ expect }) => {
    const said = streamError('openai-images', { status: 504, code: 'provider_silent', message: 'nothing came' })
    expect(JSON.parse(said.replace('data: ', ''))).toMatchObject({ error: { message: 'nothing came' } })
  })
})

describe('sound that comes in events', () => {
  it('is the same bytes, however its events are cut', ({ expect }) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 5 }), fc.nat(60), (sounds, size) => {
        const say = (event: object) => `data: ${JSON.stringify(event)}\n\n`
        const deltas = sounds.map(sound =>
          say({ type: 'speech.audio.delta', audio: btoa(String.fromCharCode(...sound)) }),
        )
        const done = say({ type: 'speech.audio.done', usage: { input_tokens: 1, output_tokens: 2 } })
        const bytes = new TextEncoder().encode(deltas.join('') + done)
        const tap = new SoundTap(usageEvents(readSpeechUsage))
        const heard: number[] = []
        for (let at = 0; at < bytes.length; at += size + 1) {
          for (const part of tap.push(bytes.subarray(at, at + size + 1))) heard.push(...part)
        }
        for (const part of tap.end()) heard.push(...part)
        expect(heard).toEqual(sounds.flatMap(sound => [...sound]))
      }),
    )
  })

  it('that is not told to its end is broken', ({ expect }) => {
    const tap = new SoundTap(usageEvents(readSpeechUsage))
    tap.push(new TextEncoder().encode('data: {"type":"speech.audio.delta","audio":"AAAA"}\n\n'))
    expect(() => tap.end()).toThrow('before its last event')
  })
})

describe('an id that is handed out', () => {
  const ids = idSeal('a secret of thirty-two characters!')
  const owner = { tenantId: 't', keyId: 'k' }
  const words = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 7 })

  it('says to its owner what it was made of, and is safe in an address', ({ expect }) => {
    fc.assert(
      fc.property(words, said => {
        const id = ids.seal('file-', owner, said)
        expect(ids.open('file-', owner, id)).toEqual(said.map(word => word.toWellFormed()))
        expect(encodeURIComponent(id)).toBe(id)
      }),
    )
  })

  it('is nothing to any other key, tenant, server or kind, nor with any letter changed', ({ expect }) => {
    fc.assert(
      fc.property(words, fc.nat(), fc.constantFrom(...'aZ09-_.'), (said, at, letter) => {
        const id = ids.seal('file-', owner, said)
        expect(ids.open('file-', { ...owner, keyId: 'k2' }, id)).toBeUndefined()
        expect(ids.open('file-', { ...owner, tenantId: 't2' }, id)).toBeUndefined()
        expect(ids.open('batch_', owner, id.replace('file-', 'batch_'))).toBeUndefined()
        expect(idSeal('another secret').open('file-', owner, id)).toBeUndefined()
        const index = at % (id.length - 1)
        const changed = id.slice(0, index) + letter + id.slice(index + 1)
        fc.pre(changed !== id)
        expect(ids.open('file-', owner, changed)).toBeUndefined()
      }),
    )
    for (const id of ['', 'file-', 'file-.', `file-a.${'A'.repeat(22)}`, 'file-abc123', `file-.${'A'.repeat(22)}`]) {
      expect(ids.open('file-', owner, id)).toBeUndefined()
    }
  })
})

describe('the wire at an address', () => {
  it('is that of its path as a browser reads it, whatever host, port and query', ({ expect }) => {
    const paths = fc.constantFrom(
      ...['/v1/chat/completions', '/v1/messages', '/v1/chat/completions/', '//v1/messages', '/V1/messages', '/', '/v1'],
      ...['/v1/../v1/messages', '/x/v1/messages', '/v1beta/models/a/b:generateContent', '/v1/chat%2fcompletions'],
    )
    const queries = fc.constantFrom('', '?', '?beta=true', '?next=/v1/messages', '?a=http://b/v1/messages?c')
    const origins = fc.constantFrom('https://weir.test', 'http://127.0.0.1:8787', 'http://[::1]:1', 'https://v1')
    fc.assert(
      fc.property(origins, paths, queries, (origin, path, query) => {
        const url = new URL(origin + path + query).href
        const { pathname } = new URL(url)
        const plain = wireAt(`https://a${pathname}`)
        expect(wireAt(url)?.wire).toBe(plain?.wire)
        expect(wireAt(url)?.pathname ?? pathname).toBe(pathname)
      }),
    )
  })
})
