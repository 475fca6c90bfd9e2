import fc from 'fast-check'
import { describe, it } from 'vitest'
import { anthropicMessagesCodec as codec } from '../../workers/formats/anthropic-messages/anthropic-messages-codec.ts'
import type { AnswerUsage, ChatAsk, ChatDelta, Part } from '../../workers/formats/chat.ts'
import type { Json, WireEvent } from '../../workers/formats/codec.ts'
import { parts as someParts, usages } from './anthropic-messages-generators.ts'
import { assemble, deltasOf } from './anthropic-messages-parts.ts'

const ASK: ChatAsk = { model: 'claude', messages: [], tools: [], sampling: {}, choices: 1, isStream: true }
const START: ChatDelta = { kind: 'start', id: 'msg_1', model: 'claude', createdMs: 0 }
const FINISH: ChatDelta = { kind: 'finish', choice: 0, finish: 'stop' }

const json = (event: WireEvent) => JSON.parse(event.data) as Json
const event = (data: Json): WireEvent => ({ event: String(data.type), data: JSON.stringify(data) })

function eventsOf(text: string): WireEvent[] {
  return text
    .split('\n\n')
    .filter(block => block !== '')
    .map(block => {
      const [, name, data] = /^event: (\w+)\ndata: ([^\n]*)$/.exec(block) ?? []
      if (name === undefined || data === undefined) throw new Error(`no event: ${block}`)
      return { event: name, data }
    })
}

function encode(deltas: ChatDelta[]): WireEvent[] {
  const encoder = codec.streamEncoder(ASK)
  return eventsOf([...deltas.map(delta => encoder.push(delta)), encoder.end()].join(''))
}

function decode(events: WireEvent[]): ChatDelta[] {
  const decoder = codec.streamDecoder()
  return [...events.flatMap(sent => decoder.push(sent)), ...decoder.end()]
}

/** What a strict client relies on: one message, and blocks that come one after the other. */
function brokenRule(events: WireEvent[]): string | undefined {
  const types = events.map(sent => String(json(sent).type))
  if (types[0] !== 'message_start' || types.at(-1) !== 'message_stop') return 'begins and ends a message'
  if (types.at(-2) !== 'message_delta') return 'says how it ended'
  return brokenBlock(events.slice(1, -2).map(json))
}

function brokenBlock(events: Json[]): string | undefined {
  let open = -1
  let next = 0
  for (const { type, index } of events) {
    const isStart = type === 'content_block_start'
    const isDue = isStart ? open === -1 && index === next : index === open
    if (!isDue) return `${type} ${index} comes in its turn`
    if (isStart) open = next++
    if (type === 'content_block_stop') open = -1
  }
  return open === -1 ? undefined : 'ends its blocks'
}

const NOTHING: AnswerUsage = {
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  reasoningTokens: 0,
  inputAudioTokens: 0,
  outputAudioTokens: 0,
}

describe('a stream to a client of the Messages wire', () => {
  it('has the same parts however they are cut, in blocks that follow one another', ({ expect }) => {
    fc.assert(
      fc.property(someParts, fc.integer({ min: 1, max: 9 }), usages, (parts, size, usage) => {
        const content = parts.flatMap((part, index) => deltasOf(part, index, size))
        const events = encode([START, ...content, { kind: 'usage', usage }, FINISH])
        expect(brokenRule(events)).toBeUndefined()
        const deltas = decode(events)
        expect(assemble(deltas)).toEqual(parts)
        expect(deltas).toContainEqual({ kind: 'usage', usage })
      }),
    )
  })

  it('has whole calls though their arguments come in turns', ({ expect }) => {
    const call = fc.record({ id: fc.uuid(), name: fc.constant('f'), arguments: fc.json({ maxDepth: 2 }) })
    const calls = fc.array(call, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(calls, fc.infiniteStream(fc.nat(3)), (made, order) => {
        const parts = made.map((part): Part => ({ kind: 'tool_call', ...part, arguments: `{"a":${part.arguments}}` }))
        const queues = parts.map((part, index) => deltasOf(part, index, 3))
        const mixed = [...queues.map(queue => queue.shift())]
        while (queues.some(queue => queue.length > 0)) mixed.push(queues[Number(order.next().value)]?.shift())
        const events = encode([START, ...mixed.filter(delta => delta !== undefined), FINISH])
        expect(brokenRule(events)).toBeUndefined()
        expect(assemble(decode(events))).toEqual(parts)
        expect(json(events.at(-2) ?? (START as never))).toMatchObject({ delta: { stop_reason: 'tool_use' } })
      }),
    )
  })

  it('holds back nothing that is whole', ({ expect }) => {
    const encoder = codec.streamEncoder(ASK)
    const push = (delta: ChatDelta) => eventsOf(encoder.push(delta)).map(sent => json(sent).type)
    const call = (index: number): ChatDelta => ({ kind: 'tool_call', choice: 0, index, id: `c${index}`, name: 'f' })
    const args = (index: number, text: string): ChatDelta => ({ kind: 'tool_arguments', choice: 0, index, text })
    expect(push(START)).toEqual(['message_start'])
    expect(push({ kind: 'text', choice: 0, text: 'a' })).toEqual(['content_block_start', 'content_block_delta'])
    expect(push(call(0))).toEqual(['content_block_stop', 'content_block_start'])
    expect(push(args(0, '{"a":'))).toEqual(['content_block_delta'])
    expect(push(call(1))).toEqual([])
    expect(push(args(0, '1}'))).toEqual(['content_block_delta'])
    expect(push(args(1, '{'))).toEqual(['content_block_stop', 'content_block_start', 'content_block_delta'])
    expect(push(FINISH)).toEqual(['content_block_stop'])
  })

  it('tells at its end what it used, the last that was told', ({ expect }) => {
    const usage = (outputTokens: number): ChatDelta => ({
      kind: 'usage',
      usage: { ...NOTHING, inputTokens: 10, cachedInputTokens: 4, outputTokens },
    })
    const events = encode([START, usage(1), FINISH, usage(7)])
    expect(json(events[1] ?? { data: '' })).toMatchObject({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { input_tokens: 6, cache_read_input_tokens: 4, output_tokens: 7 },
    })
  })

  it.for<[string, ChatDelta[], string[]]>([
    [
      'its provider failed',
      [START, { kind: 'error', status: 529, code: 'overloaded', message: 'Busy.' }, FINISH],
      ['message_start', 'error'],
    ],
    ['it failed before it began', [{ kind: 'error', status: 500, code: 'api_error', message: 'x' }], ['error']],
    [
      'it ended without a reason',
      [START, { kind: 'text', choice: 0, text: 'a' }],
      ['message_start', 'content_block_start', 'content_block_delta', 'error'],
    ],
    ['nothing came', [], ['error']],
  ])('ends with an error where %s', ([, deltas, types], { expect }) => {
    expect(encode(deltas).map(sent => sent.event)).toEqual(types)
  })
})

describe('a stream from Anthropic', () => {
  const begin = (usage: Json = {}) => event({ type: 'message_start', message: { id: 'msg_1', model: 'claude', usage } })
  const block = (index: number, content_block: Json) => event({ type: 'content_block_start', index, content_block })
  const delta = (index: number, of: Json) => event({ type: 'content_block_delta', index, delta: of })
  const stop = (index: number) => event({ type: 'content_block_stop', index })
  const finish = (of: Json, usage: Json) => event({ type: 'message_delta', delta: of, usage })
  const OVER = event({ type: 'message_stop' })

  it('is read event by event', ({ expect }) => {
    const events = [
      begin({
        input_tokens: 3,
        cache_creation_input_tokens: 9,
        cache_creation: { ephemeral_1h_input_tokens: 9 },
        output_tokens: 1,
        service_tier: 'priority',
      }),
      event({ type: 'ping' }),
      block(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
      delta(0, { type: 'signature_delta', signature: 'sig' }),
      stop(0),
      block(1, { type: 'redacted_thinking', data: 'xyz' }),
      stop(1),
      block(2, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
      delta(2, { type: 'input_json_delta', partial_json: '{}' }),
      stop(2),
      block(3, { type: 'text', text: '' }),
      delta(3, { type: 'text_delta', text: 'Well' }),
      delta(3, { type: 'citations_delta', citation: { type: 'char_location', cited_text: 'a' } }),
      stop(3),
      block(4, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }),
      delta(4, { type: 'input_json_delta', partial_json: '' }),
      delta(4, { type: 'input_json_delta', partial_json: '{"a":1}' }),
      stop(4),
      block(5, { type: 'tool_use', id: 'toolu_2', name: 'g', input: {} }),
      stop(5),
      finish({ stop_reason: 'tool_use', stop_sequence: null }, { output_tokens: 20 }),
      OVER,
    ]
    expect(decode(events)).toEqual([
      START,
      { kind: 'reasoning', choice: 0, text: 'Hm' },
      { kind: 'reasoning', choice: 0, text: '', signature: 'sig' },
      { kind: 'reasoning', choice: 0, text: '', redacted: 'xyz' },
      { kind: 'text', choice: 0, text: 'Well' },
      { kind: 'tool_call', choice: 0, index: 0, id: 'toolu_1', name: 'f' },
      { kind: 'tool_arguments', choice: 0, index: 0, text: '{"a":1}' },
      { kind: 'tool_call', choice: 0, index: 1, id: 'toolu_2', name: 'g' },
      { kind: 'tool_arguments', choice: 0, index: 1, text: '{}' },
      { kind: 'finish', choice: 0, finish: 'tool_calls' },
      {
        kind: 'usage',
        serviceTier: 'priority',
        usage: { ...NOTHING, inputTokens: 12, cacheWriteTokens: 9, cacheWrite1hTokens: 9, outputTokens: 20 },
      },
    ])
  })

  it('believes the last totals, which may be more than the first', ({ expect }) => {
    const events = [
      begin({ input_tokens: 43, output_tokens: 1 }),
      finish({ stop_reason: 'end_turn' }, { input_tokens: 61, output_tokens: 2, cache_read_input_tokens: null }),
    ]
    expect(decode(events).at(-1)).toEqual({ kind: 'usage', usage: { ...NOTHING, inputTokens: 61, outputTokens: 2 } })
  })

  it('may be refused in its middle, and has nothing after its end', ({ expect }) => {
    const stop_details = { type: 'refusal', category: 'bio', explanation: 'Harm.' }
    const late = block(0, { type: 'text', text: 'late' })
    const events = [begin(), finish({ stop_reason: 'refusal', stop_details }, {}), late, OVER, late]
    expect(decode(events)).toEqual([
      START,
      { kind: 'refusal', choice: 0, text: 'Harm.' },
      { kind: 'finish', choice: 0, finish: 'refusal' },
    ])
  })

  it('ends with an error where the vendor says so, or says nothing', ({ expect }) => {
    const busy = event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
    const error = { kind: 'error', status: 529, code: 'overloaded_error', message: 'Overloaded' }
    expect(decode([begin(), busy, block(0, { type: 'text', text: 'a' }), OVER])).toEqual([START, error])
    expect(decode([begin()]).at(-1)).toMatchObject({ kind: 'error', code: 'api_error' })
    expect(decode([])).toMatchObject([{ kind: 'error', code: 'api_error' }])
  })

  it('never throws, begins once, and says nothing after its end, whatever comes', ({ expect }) => {
    const TYPES = [
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
      'error',
      'x',
    ]
    const KINDS = [
      'text',
      'thinking',
      'redacted_thinking',
      'tool_use',
      'text_delta',
      'thinking_delta',
      'signature_delta',
      'input_json_delta',
    ]
    const member = fc.oneof(
      fc.anything(),
      fc.record({ type: fc.constantFrom(...KINDS) }, { requiredKeys: [] }),
      fc.dictionary(
        fc.constantFrom(
          'usage',
          'id',
          'type',
          'text',
          'input',
          'signature',
          'stop_reason',
          'stop_details',
          'partial_json',
          'output_tokens',
        ),
        fc.anything(),
      ),
    )
    const sent = fc.record(
      {
        type: fc.constantFrom(...TYPES),
        index: fc.oneof(fc.nat(2), fc.anything()),
        message: member,
        content_block: member,
        delta: member,
        usage: member,
        error: member,
      },
      { requiredKeys: ['type'] },
    )
    const garbage = fc.oneof(
      fc.string(),
      fc.json(),
      sent.map(data => safeJson(data)),
    )
    const events = fc.array(fc.record({ data: garbage, event: fc.constantFrom(...TYPES) }))
    fc.assert(
      fc.property(events, some => {
        const deltas = decode(some)
        expect(deltas.findLastIndex(({ kind }) => kind === 'start')).toBeLessThanOrEqual(0)
        const failed = deltas.findIndex(({ kind }) => kind === 'error')
        if (failed >= 0) expect(failed).toBe(deltas.length - 1)
        expect(deltas.filter(({ kind }) => kind === 'finish').length).toBeLessThanOrEqual(1)
        expect(brokenRuleOf(deltas)).toBeUndefined()
      }),
      { numRuns: 1000 },
    )
  })

  it('survives what is nested deeper than any stack', ({ expect }) => {
    const input = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
    const data = `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":${input}}}`
    expect(() => decode([begin(), { data }, stop(0)])).not.toThrow()
  })
})

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}

/** Whatever was decoded, our own encoder makes of it what a strict client can read, if it came to an end. */
function brokenRuleOf(deltas: ChatDelta[]): string | undefined {
  const isWhole = deltas.some(({ kind }) => kind === 'finish') && !deltas.some(({ kind }) => kind === 'error')
  return isWhole ? brokenRule(encode(deltas)) : undefined
}
