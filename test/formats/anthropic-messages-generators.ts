import fc from 'fast-check'
import type { AnswerUsage, ChatAnswer, ChatAsk, Finish, Message, Part } from '../../workers/formats/chat.ts'

const id = fc.stringMatching(/^[a-zA-Z0-9_.:-]{1,12}$/)
const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const cache = fc.record({ ttl: fc.constantFrom('5m', '1h') })
// As text would have it: JSON has no -0.
const json = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
  .map((value): typeof value => JSON.parse(JSON.stringify(value)))
const base64 = fc.base64String({ maxLength: 16 })

function partOf<T extends object, O extends object>(
  members: fc.Arbitrary<T>,
  optional: { [K in keyof O]: fc.Arbitrary<O[K]> },
) {
  return fc.tuple(members, fc.record(optional, { requiredKeys: [] })).map(([must, may]) => ({ ...must, ...may }))
}

const text = partOf(fc.record({ kind: fc.constant('text'), text: word }), { cache })
const elsewhere = fc.oneof(
  fc.record({ kind: fc.constant('url'), url: fc.webUrl() }),
  fc.record({ kind: fc.constant('id'), id }),
)

function inline(mediaType: string) {
  return fc.record({ kind: fc.constant('data'), mediaType: fc.constant(mediaType), base64 })
}

const plainText = word.map(said => {
  const binary = String.fromCharCode(...new TextEncoder().encode(said))
  return { kind: 'data' as const, mediaType: 'text/plain', base64: btoa(binary) }
})

const image = partOf(fc.record({ kind: fc.constant('image'), source: fc.oneof(elsewhere, inline('image/png')) }), {
  cache,
})
const file = partOf(
  fc.record({ kind: fc.constant('file'), source: fc.oneof(elsewhere, inline('application/pdf'), plainText) }),
  { name: word, cache },
)
const result = partOf(
  fc.record({
    kind: fc.constant('tool_result'),
    callId: id,
    content: fc.array(fc.oneof(text, image, file), { maxLength: 2 }),
  }),
  { isError: fc.boolean(), cache },
)
const args = json.map(members => JSON.stringify(members))
const call = partOf(fc.record({ kind: fc.constant('tool_call'), id, name: word, arguments: args }), { cache })
const thought = fc.oneof(
  fc.record({ kind: fc.constant('reasoning'), text: fc.oneof(word, fc.constant('')), signature: word }),
  fc.record({ kind: fc.constant('reasoning'), text: fc.constant(''), redacted: word }),
)

const list = <T>(part: fc.Arbitrary<T>, least = 1) => fc.array(part, { minLength: least, maxLength: 3 })

const system = list(text).map((parts): Message => ({ role: 'system', parts }))
const user = fc
  .tuple(list(result, 0), list(fc.oneof(text, image, file)))
  .map(([results, said]): Message => ({ role: 'user', parts: [...results, ...said] }))
const assistant = list(fc.oneof(text, thought, call)).map((parts): Message => ({ role: 'assistant', parts }))
const turn = fc.tuple(user, fc.option(system), assistant)

/** A chat as this wire has it: users and assistants in turn, instructions first and between a user and the answer. */
const messages = fc
  .tuple(fc.option(system), fc.array(turn, { maxLength: 2 }), user, fc.option(system))
  .map(([first, turns, last, end]) =>
    [first, ...turns.flat(), last, end].filter((message): message is Message => message !== null),
  )

const tool = partOf(fc.record({ name: word, schema: json.map(members => ({ ...members, type: 'object' })) }), {
  description: word,
  strict: fc.boolean(),
  cache,
})
const toolChoice = fc.oneof(
  fc.record({ kind: fc.constantFrom('auto', 'required') }),
  fc.record({ kind: fc.constant('tool'), name: word }),
)
const isShown = fc.boolean()
const reasoning = fc.oneof(
  partOf(fc.record({ effort: fc.constantFrom('low', 'medium', 'high', 'xhigh') }), { isShown }),
  partOf(fc.record({ budgetTokens: fc.integer({ min: 1, max: 64_000 }) }), { isShown }),
  partOf(fc.record({ isAdaptive: fc.constant(true) }), { isShown }),
  fc.constant({ budgetTokens: 0 }),
)
const output = fc.record({
  kind: fc.constant('schema'),
  name: fc.constant('output'),
  schema: json,
  strict: fc.constant(true),
})
const sampling = fc.record(
  {
    temperature: fc.double({ min: 0, max: 1, noNaN: true }).map(value => value + 0),
    topP: fc.double({ min: 0, max: 1, noNaN: true }).map(value => value + 0),
    topK: fc.nat(500),
    stop: list(word),
  },
  { requiredKeys: [] },
)
const tools = fc.oneof(
  fc.record({ tools: fc.constant([]) }),
  partOf(fc.record({ tools: list(tool) }), {}),
  partOf(fc.record({ tools: list(tool), toolChoice }), { parallelToolCalls: fc.boolean() }),
)
const stream = fc.constantFrom({ isStream: false }, { isStream: true, wantsStreamUsage: true })

/** Asks that this wire can say in full. */
export const asks = fc
  .tuple(
    partOf(
      fc.record({
        model: word,
        messages,
        sampling,
        maxOutputTokens: fc.integer({ min: 1, max: 200_000 }),
        choices: fc.constant(1),
      }),
      { output, reasoning, serviceTier: fc.constantFrom('auto', 'default'), user: word },
    ),
    tools,
    stream,
  )
  .map(([ask, called, streamed]): ChatAsk => ({ ...ask, ...called, ...streamed }) as ChatAsk)

const tokens = fc.nat(100_000)
/** Usage as this wire tells it. */
export const usages = fc
  .record({ fresh: tokens, cached: tokens, fiveMinutes: tokens, hour: tokens, spoken: tokens, thought: tokens })
  .map(
    ({ fresh, cached, fiveMinutes, hour, spoken, thought: reasoningTokens }): AnswerUsage => ({
      inputTokens: fresh + cached + fiveMinutes + hour,
      outputTokens: spoken + reasoningTokens,
      cachedInputTokens: cached,
      cacheWriteTokens: fiveMinutes + hour,
      cacheWrite1hTokens: hour,
      reasoningTokens,
      inputAudioTokens: 0,
      outputAudioTokens: 0,
    }),
  )

const said = fc.record({ kind: fc.constant('text'), text: word })
const marked = partOf(fc.record({ kind: fc.constant('tool_call'), id, name: word, arguments: args }), {
  signature: word,
})
const thoughts = fc.oneof(
  partOf(fc.record({ kind: fc.constant('reasoning'), text: word, signature: word }), { id }),
  fc.record({ kind: fc.constant('reasoning'), text: fc.constant(''), redacted: word }),
)

/** An answer's parts: never two texts in a row, which no stream could tell apart. */
export const parts = fc
  .array(fc.oneof(said, marked, thoughts), { maxLength: 5 })
  .map(some => some.filter((part, index) => part.kind !== 'text' || some[index - 1]?.kind !== 'text') as Part[])

/** Whole answers that this wire can say in full. */
export const answers = fc
  .tuple(
    fc.record({ id, model: word, createdMs: fc.constant(0), usage: usages }),
    parts,
    fc.constantFrom<Finish>('stop', 'length', 'tool_calls', 'refusal', 'paused'),
  )
  .map(([answer, made, wanted]): ChatAnswer => {
    const isCall = wanted === 'stop' && made.some(part => part.kind === 'tool_call')
    return { ...answer, choices: [{ index: 0, parts: made, finish: isCall ? 'tool_calls' : wanted }] }
  })
