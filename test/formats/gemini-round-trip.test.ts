import fc from 'fast-check'
import { describe, it } from 'vitest'
import { parseLossless } from '../../workers/contracts/lossless-json.ts'
import { GatewayError } from '../../workers/errors/gateway-error.ts'
import type { ChatAsk, ChatDelta, Part } from '../../workers/formats/chat.ts'
import type { Json } from '../../workers/formats/codec.ts'
import { geminiCodec } from '../../workers/formats/gemini/gemini-codec.ts'
import { answerArb, askArb, MODEL, named, streamArb } from './gemini-arbitraries.ts'

const ASK: ChatAsk = { model: MODEL, messages: [], tools: [], sampling: {}, choices: 1, isStream: false }

/** As the other side reads it. */
function sent(body: Json): Json {
  return parseLossless(JSON.stringify(body)) as Json
}

/** A text in pieces, cut anywhere. */
function cut(text: string, places: number[]): string[] {
  const at = [...new Set([0, ...places.map(place => place % (text.length + 1)), text.length])].toSorted((a, b) => a - b)
  return at.slice(1).map((end, index) => text.slice(at[index], end))
}

function deltasOf(part: Part, index: number, places: number[]): ChatDelta[] {
  if (part.kind === 'text') return cut(part.text, places).map(text => ({ kind: 'text', choice: 0, text }))
  if (part.kind === 'reasoning') return [{ choice: 0, ...part }]
  if (part.kind !== 'tool_call') return []
  const { arguments: text, ...call } = part
  const pieces = cut(text, places).map(piece => ({ kind: 'tool_arguments' as const, choice: 0, index, text: piece }))
  return [{ choice: 0, index, ...call }, ...pieces]
}

/** The deltas of calls, a piece of each in turn. */
function inTurns(calls: ChatDelta[][]): ChatDelta[] {
  const longest = Math.max(0, ...calls.map(call => call.length))
  return Array.from({ length: longest }, (_, at) => calls.flatMap(call => call[at] ?? [])).flat()
}

/** The part that a delta begins; `undefined` where it goes on with one, or is none. */
function begun(delta: ChatDelta, last: Part | undefined): Part | undefined {
  if (delta.kind === 'text' && last?.kind !== 'text') return { kind: 'text', text: '' }
  if (delta.kind === 'tool_call') {
    const { choice, index, ...call } = delta
    return { ...call, arguments: '' }
  }
  if (delta.kind !== 'reasoning') return undefined
  const { choice, ...thought } = delta
  return thought
}

function partsOf(deltas: ChatDelta[]): Part[] {
  const parts: Part[] = []
  for (const delta of deltas) {
    parts.push(...[begun(delta, parts.at(-1)) ?? []].flat())
    const last = parts.at(-1)
    if (delta.kind === 'text' && last?.kind === 'text') last.text += delta.text
    if (delta.kind === 'tool_arguments' && last?.kind === 'tool_call') last.arguments += delta.text
  }
  return parts
}

function through(deltas: ChatDelta[]): ChatDelta[] {
  const [encoder, decoder] = [geminiCodec.streamEncoder(ASK), geminiCodec.streamDecoder()]
  const text = [...deltas.map(delta => encoder.push(delta)), encoder.end()].join('')
  const events = text.split('\n\n').filter(event => event !== '')
  return [...events.flatMap(event => decoder.push({ data: event.slice('data: '.length) })), ...decoder.end()]
}

describe('back and forth through Gemini’s wire', () => {
  it('keeps all of a request', ({ expect }) => {
    fc.assert(
      fc.property(askArb, ask => {
        const path = { model: ask.model, isStream: ask.isStream }
        expect(geminiCodec.decodeRequest(sent(geminiCodec.encodeRequest(ask)), path)).toEqual(ask)
      }),
    )
  })

  it('keeps all of an answer, and what other vendors sealed', ({ expect }) => {
    fc.assert(
      fc.property(answerArb, answer => {
        expect(geminiCodec.decodeAnswer(sent(geminiCodec.encodeAnswer(answer, ASK)))).toEqual(answer)
      }),
    )
  })

  it('keeps all of a stream, however it is cut and its calls are mixed', ({ expect }) => {
    fc.assert(
      fc.property(streamArb, ({ thoughts, text, bare, places, usage }) => {
        const calls = named(bare, 'c')
        const said: Part[] = [...thoughts, { kind: 'text', text }]
        const finish = calls.length > 0 ? ('tool_calls' as const) : ('stop' as const)
        const start = { kind: 'start' as const, id: 'r', model: MODEL, createdMs: 5000 }
        const read = through([
          start,
          ...said.flatMap(part => deltasOf(part, 0, places)),
          ...inTurns(calls.map((call, index) => deltasOf(call, index, places))),
          { kind: 'finish', choice: 0, finish },
          { kind: 'usage', usage },
        ])
        expect(partsOf(read)).toEqual([...said, ...calls])
        expect(read[0]).toEqual(start)
        expect(read.slice(-2)).toEqual([
          { kind: 'usage', usage },
          { kind: 'finish', choice: 0, finish },
        ])
      }),
    )
  })
})

describe('what nobody should send', () => {
  const junk = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(-1, 1e300, '', [], {}, [null], [[1]], { parts: 1 }, { parts: [null, 3] }),
  )
  const keys = fc.constantFrom(
    'candidates',
    'usageMetadata',
    'contents',
    'content',
    'parts',
    'text',
    'functionCall',
    'tools',
    'error',
    'index',
    'functionDeclarations',
    'parameters',
    'generationConfig',
    'inlineData',
    'promptFeedback',
    'logprobsResult',
    'chosenCandidates',
    'functionResponse',
    'systemInstruction',
    'labels',
    'finishReason',
  )
  const nested = fc.object({ key: keys, maxDepth: 4, maxKeys: 3, values: [junk] })
  const shaped = fc.record({
    candidates: fc.array(
      fc.record({
        content: fc.record({ parts: fc.array(nested) }),
        index: junk,
        finishReason: junk,
        logprobsResult: nested,
      }),
    ),
    usageMetadata: nested,
  })

  it('breaks no decoder of answers, errors or streams', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.oneof(junk, nested, shaped).map(one => JSON.stringify(one)),
          ),
        ),
        events => {
          const decoder = geminiCodec.streamDecoder()
          for (const data of events) decoder.push({ data })
          decoder.end()
        },
      ),
    )
    fc.assert(fc.property(fc.oneof(nested, shaped), body => void geminiCodec.decodeAnswer(body as Json)))
    fc.assert(fc.property(fc.oneof(nested, junk), body => void geminiCodec.decodeError(500, body)))
    const deep = `{"candidates":[{"content":{"parts":[{"functionCall":{"args":${'['.repeat(50_000)}${']'.repeat(50_000)}}}]}}]}`
    geminiCodec.streamDecoder().push({ data: deep })
  })

  it('is refused in our own words where it is a request', ({ expect }) => {
    fc.assert(
      fc.property(nested, body => {
        try {
          geminiCodec.decodeRequest(body as Json, { model: MODEL })
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(GatewayError)
        }
      }),
    )
  })

  it('is refused by its own name, in each place', ({ expect }) => {
    const places: [string, (field: Json) => Json][] = [
      ['', field => field],
      ['generationConfig.', field => ({ generationConfig: field })],
      ['generationConfig.thinkingConfig.', field => ({ generationConfig: { thinkingConfig: field } })],
      ['contents.0.', field => ({ contents: [{ parts: [{ text: 'a' }], ...field }] })],
      ['contents.0.parts.0.', field => ({ contents: [{ parts: [{ text: 'a', ...field }] }] })],
      ['tools.0.', field => ({ tools: [field] })],
      ['tools.0.functionDeclarations.0.', field => ({ tools: [{ functionDeclarations: [{ name: 'f', ...field }] }] })],
      ['toolConfig.functionCallingConfig.', field => ({ toolConfig: { functionCallingConfig: field } })],
    ]
    const field = fc.stringMatching(/^x[a-zA-Z_]{1,10}$/)
    fc.assert(
      fc.property(fc.constantFrom(...places), field, ([at, body], key) => {
        const contents = [{ parts: [{ text: 'a' }] }]
        const act = (value: unknown) =>
          geminiCodec.decodeRequest({ contents, ...body({ [key]: value }) }, { model: MODEL })
        expect(() => act(1)).toThrow(expect.objectContaining({ code: 'untranslatable', extras: { param: at + key } }))
        expect(() => act(null)).not.toThrow()
      }),
    )
  })
})
