import fc from 'fast-check'
import { describe, it } from 'vitest'
import { asRecord } from '../../workers/formats/as-record.ts'
import type { ChatDelta, Part } from '../../workers/formats/chat.ts'
import type { Json, WireEvent } from '../../workers/formats/codec.ts'
import { openaiResponsesCodec as codec } from '../../workers/formats/openai-responses/openai-responses-codec.ts'
import { answers } from './responses-generators.ts'
import { ASK, answerOf, collect, eventsOf, read, streamOf, write } from './responses-stream.ts'

describe('a stream', () => {
  it('is the same after it was written and read, however its texts are cut', ({ expect }) => {
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 9 }), (answer, size) => {
        const deltas = streamOf(answer, size)
        expect(collect(read(eventsOf(write(deltas))))).toEqual(collect(deltas))
      }),
    )
  })

  it('ends with the whole answer, which is what it would have been at once', ({ expect }) => {
    const parts: Part[] = [
      { kind: 'reasoning', text: 'Hm.', signature: 's' },
      { kind: 'text', text: 'Look here.' },
      { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{"a":1}', signature: 'g' },
      { kind: 'tool_call', id: 'c2', name: 'g', arguments: '{}' },
    ]
    const last = eventsOf(write(streamOf(answerOf(parts), 3))).at(-1)
    expect(last?.members).toMatchObject({
      type: 'response.completed',
      response: codec.encodeAnswer(answerOf(parts), ASK),
    })
  })
})

/** The members of each event beside `type` and `sequence_number`. Source: OpenAI API reference, Responses, streaming events. */
const SHAPES: Record<string, string[]> = {
  'response.created': ['response'],
  'response.in_progress': ['response'],
  'response.completed': ['response'],
  'response.output_item.added': ['output_index', 'item'],
  'response.output_item.done': ['output_index', 'item'],
  'response.content_part.added': ['item_id', 'output_index', 'content_index', 'part'],
  'response.content_part.done': ['item_id', 'output_index', 'content_index', 'part'],
  'response.output_text.delta': ['item_id', 'output_index', 'content_index', 'delta', 'logprobs'],
  'response.output_text.done': ['item_id', 'output_index', 'content_index', 'text', 'logprobs'],
  'response.refusal.delta': ['item_id', 'output_index', 'content_index', 'delta'],
  'response.refusal.done': ['item_id', 'output_index', 'content_index', 'refusal'],
  'response.reasoning_summary_part.added': ['item_id', 'output_index', 'summary_index', 'part'],
  'response.reasoning_summary_part.done': ['item_id', 'output_index', 'summary_index', 'part'],
  'response.reasoning_summary_text.delta': ['item_id', 'output_index', 'summary_index', 'delta'],
  'response.reasoning_summary_text.done': ['item_id', 'output_index', 'summary_index', 'text'],
  'response.function_call_arguments.delta': ['item_id', 'output_index', 'delta'],
  'response.function_call_arguments.done': ['item_id', 'output_index', 'name', 'arguments'],
}

const ALL: Part[] = [
  { kind: 'reasoning', text: 'Hm.', signature: 's' },
  { kind: 'text', text: 'A' },
  { kind: 'refusal', text: 'No.' },
  { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{}' },
]

describe('the events of a stream', () => {
  it('have the documented members, their type for a name, and consecutive numbers', ({ expect }) => {
    const events = eventsOf(write(streamOf(answerOf(ALL), 9)))
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(Object.keys(SHAPES)))
    for (const [index, { event = '', members }] of events.entries()) {
      const { type, sequence_number, ...rest } = members
      expect({ type, sequence_number }).toEqual({ type: event, sequence_number: index })
      expect(Object.keys(rest).toSorted()).toEqual(SHAPES[event]?.toSorted())
    }
  })

  it('come in the order of the reference', ({ expect }) => {
    const names = eventsOf(write(streamOf(answerOf(ALL.filter(part => part.kind !== 'reasoning')), 9))).map(
      ({ event }) => event?.slice(9),
    )
    expect(names).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'content_part.added',
      'refusal.delta',
      'refusal.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ])
  })

  it('keep calls apart that are filled in turns, and give one without arguments an empty object', ({ expect }) => {
    const call = (index: number): ChatDelta => ({ kind: 'tool_call', choice: 0, index, id: `c${index}`, name: 'f' })
    const args = (index: number, text: string): ChatDelta => ({ kind: 'tool_arguments', choice: 0, index, text })
    const start: ChatDelta = { kind: 'start', id: 'a', model: 'm', createdMs: 0 }
    const finish: ChatDelta = { kind: 'finish', choice: 0, finish: 'tool_calls' }
    const stream = write([
      start,
      call(0),
      args(0, '{"a"'),
      call(1),
      args(1, '[1'),
      call(2),
      args(0, ':1}'),
      args(1, ']'),
      finish,
    ])
    const output = asRecord(eventsOf(stream).at(-1)?.members.response).output
    expect(output).toMatchObject([{ arguments: '{"a":1}' }, { arguments: '[1]' }, { arguments: '{}' }])
    expect(collect(read(eventsOf(stream))).parts.map(part => part.kind === 'tool_call' && part.arguments)).toEqual([
      '{"a":1}',
      '[1]',
      '{}',
    ])
  })

  it('end calls before anything else begins, and tell of no other choice', ({ expect }) => {
    const parts: Part[] = [
      { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{}' },
      { kind: 'text', text: 'A' },
    ]
    const deltas = streamOf(answerOf(parts), 9)
    const events = eventsOf(write(deltas))
    const items = events.filter(({ event }) => event?.startsWith('response.output_item'))
    const places = items.map(
      ({ event, members }) => `${event?.slice('response.output_item.'.length)} ${members.output_index}`,
    )
    expect(places).toEqual(['added 0', 'done 0', 'added 1', 'done 1'])
    const others = deltas.map(delta => ('choice' in delta ? [delta, { ...delta, choice: 1 }] : [delta]))
    expect(eventsOf(write(others.flat()))).toEqual(events)
  })

  it('say that an answer was cut, or broke off', ({ expect }) => {
    const [start, text] = streamOf(answerOf([{ kind: 'text', text: 'A' }]), 9)
    const begun = start && text ? [start, text] : []
    const last = (deltas: ChatDelta[]) => eventsOf(write([...begun, ...deltas])).at(-1)?.members
    const cutOff = {
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    }
    expect(last([{ kind: 'finish', choice: 0, finish: 'length' }])).toMatchObject({
      type: 'response.incomplete',
      response: cutOff,
    })
    expect(last([])).toMatchObject({ type: 'response.incomplete', response: { incomplete_details: null } })
  })
})

describe('a stream of a vendor', () => {
  const event = (type: string, members: Json = {}): WireEvent => ({
    event: type,
    data: JSON.stringify({ type, ...members }),
  })
  const created = event('response.created', {
    response: { id: 'resp_1', model: 'm', created_at: 7, object: 'response' },
  })
  const completed = event('response.completed', { response: { id: 'resp_1', status: 'completed', usage: null } })
  const start = { kind: 'start', id: 'resp_1', model: 'm', createdMs: 7000 }

  it('never throws, begins once and is silent after its end, whatever comes', ({ expect }) => {
    const names = [
      ...Object.keys(SHAPES),
      'response.failed',
      'response.incomplete',
      'response.reasoning_text.delta',
      'error',
      'x',
    ]
    const members = fc.dictionary(
      fc.constantFrom(
        'response',
        'item',
        'part',
        'delta',
        'text',
        'output_index',
        'content_index',
        'logprobs',
        'error',
        'item_id',
      ),
      fc.jsonValue(),
    )
    const wire = fc.oneof(
      fc.tuple(fc.constantFrom(...names), members).map(([type, rest]) => event(type, rest as Json)),
      fc.record({ event: fc.constantFrom(...names), data: fc.string() }),
    )
    fc.assert(
      fc.property(fc.array(wire, { maxLength: 30 }), events => {
        const kinds = read(events).map(delta => delta.kind)
        expect(kinds.filter(kind => kind === 'start')).toHaveLength(1)
        expect(kinds[0]).toBe('start')
        expect(['finish', 'error']).toContain(kinds.at(-1))
        expect(kinds.filter(kind => kind === 'finish' || kind === 'error')).toHaveLength(1)
      }),
    )
  })

  it('may tell an item only when it is whole', ({ expect }) => {
    const item = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":1}' }
    const message = { type: 'message', content: [{ type: 'output_text', text: 'Hello' }] }
    const deltas = read([
      created,
      event('response.output_text.delta', { output_index: 0, content_index: 0, delta: 'Hel' }),
      event('response.output_item.done', { output_index: 0, item: message }),
      event('response.output_item.done', { output_index: 1, item }),
      completed,
    ])
    expect(deltas).toEqual([
      start,
      { kind: 'text', choice: 0, text: 'Hel' },
      { kind: 'text', choice: 0, text: 'lo' },
      { kind: 'tool_call', choice: 0, index: 0, id: 'c', name: 'f' },
      { kind: 'tool_arguments', choice: 0, index: 0, text: '{"a":1}' },
      { kind: 'finish', choice: 0, finish: 'tool_calls' },
    ])
  })

  it('has its thoughts apart, and the seal of a thought last', ({ expect }) => {
    const thought = (summary_index: number, delta: string) =>
      event('response.reasoning_summary_text.delta', { item_id: 'rs_1', output_index: 0, summary_index, delta })
    const item = { type: 'reasoning', id: 'rs_1', summary: [{ text: 'A' }, { text: 'B' }], encrypted_content: 'sig' }
    const deltas = read([
      created,
      thought(0, 'A'),
      thought(1, 'B'),
      event('response.output_item.done', { output_index: 0, item }),
      completed,
    ])
    expect(collect(deltas).parts).toEqual([{ kind: 'reasoning', text: 'A\n\nB', signature: 'sig', id: 'rs_1' }])
  })

  it.for([
    [{ error: { type: 'insufficient_quota', code: 'insufficient_quota', message: 'No.' } }, 429],
    [{ code: 'server_error', message: 'No.' }, 500],
    [{ code: 'invalid_prompt', message: 'No.' }, 400],
  ] as [Json, number][])('tells its error once: %j', ([members, status], { expect }) => {
    const failed = event('response.failed', { response: { error: { code: 'x', message: 'Again.' } } })
    const code = asRecord(members.error).code ?? members.code
    expect(read([created, event('error', members), failed])).toEqual([
      start,
      { kind: 'error', status, code, message: 'No.' },
    ])
  })

  it('that fails tells what it cost before', ({ expect }) => {
    const response = { error: { code: 'server_error', message: 'No.' }, usage: { input_tokens: 3, output_tokens: 1 } }
    expect(read([created, event('response.failed', { response })]).map(delta => delta.kind)).toEqual([
      'start',
      'usage',
      'error',
    ])
  })

  it('that breaks off is an error', ({ expect }) => {
    expect(read([created]).at(-1)).toMatchObject({ kind: 'error', status: 502 })
  })
})
