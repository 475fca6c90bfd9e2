import fc from 'fast-check'
import type {
  ChatAnswer,
  ChatAsk,
  ChatDelta,
  Choice,
  Finish,
  Message,
  Part,
  TokenLogprob,
} from '../../workers/formats/chat.ts'

function record<T extends object>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }, required: (keyof T)[]) {
  return fc.record<T, keyof T>(members, { requiredKeys: required })
}

const words = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
const name = fc.stringMatching(/^[a-z_]{1,12}$/)
const base64 = fc.base64String({ minLength: 4, maxLength: 40 })
const tenths = fc.integer({ min: -20, max: 20 }).map(tenth => tenth / 10 || 0)

const text = words.map((said): Part => ({ kind: 'text', text: said }))
const image = record<Extract<Part, { kind: 'image' }>>(
  {
    kind: fc.constant('image'),
    source: fc.oneof(
      fc.nat(99).map(at => ({ kind: 'url' as const, url: `https://pictures.test/${at}.png` })),
      base64.map(data => ({ kind: 'data' as const, mediaType: 'image/png', base64: data })),
    ),
    detail: fc.constantFrom('low', 'high', 'auto'),
  },
  ['kind', 'source'],
)
const audio = fc
  .record({ mediaType: fc.constantFrom('audio/wav', 'audio/mpeg', 'audio/flac'), base64 })
  .map((data): Part => ({ kind: 'audio', source: { kind: 'data', ...data } }))
const file = fc.oneof(
  fc.record({ base64, name }).map(
    (sent): Part => ({
      kind: 'file',
      name: sent.name,
      source: { kind: 'data', mediaType: 'text/plain', base64: sent.base64 },
    }),
  ),
  name.map((id): Part => ({ kind: 'file', source: { kind: 'id', id } })),
)

const thought = fc.oneof(
  words.map((said): Part => ({ kind: 'reasoning', text: said })),
  fc
    .tuple(words, base64, name)
    .map(([said, signature, id]): Part => ({ kind: 'reasoning', text: said, signature, id })),
  base64.map((redacted): Part => ({ kind: 'reasoning', text: '', redacted })),
)
const refusal = words.map((said): Part => ({ kind: 'refusal', text: said }))
const call = record<Extract<Part, { kind: 'tool_call' }>>(
  {
    kind: fc.constant('tool_call'),
    id: fc.uuid(),
    name,
    arguments: fc.json({ maxDepth: 2 }),
    signature: base64,
  },
  ['kind', 'id', 'name', 'arguments'],
)

function few<T>(items: fc.Arbitrary<T>, max = 2): fc.Arbitrary<T[]> {
  return fc.array(items, { maxLength: max })
}

/** In the order that the wire has: thoughts, texts, a refusal, calls. */
function assistantParts(texts: number): fc.Arbitrary<Part[]> {
  return fc.tuple(few(thought), few(text, texts), few(refusal, 1), few(call)).map(groups => groups.flat())
}

function resultsOf(parts: Part[]): Message[] {
  const results = parts.flatMap((part): Part[] =>
    part.kind === 'tool_call'
      ? [{ kind: 'tool_result', callId: part.id, content: [{ kind: 'text', text: part.id }] }]
      : [],
  )
  return results.length > 0 ? [{ role: 'user', parts: results }] : []
}

const turn = fc.oneof(
  fc
    .tuple(fc.constantFrom('system' as const, 'user' as const), fc.array(text, { minLength: 1, maxLength: 2 }), name)
    .map(([role, parts, speaker]): Message[] => [{ role, parts, name: speaker }]),
  fc.array(fc.oneof(text, image, audio, file), { maxLength: 3 }).map((parts): Message[] => [{ role: 'user', parts }]),
  assistantParts(2).map((parts): Message[] => [{ role: 'assistant', parts }, ...resultsOf(parts)]),
)

const schema = fc.constantFrom<Record<string, unknown>>(
  { type: 'object', properties: {} },
  { type: 'object', properties: { city: { type: 'string', maxLength: 9.5 } }, required: ['city'] },
)
const tool = record<ChatAsk['tools'][number]>({ name, description: words, schema, strict: fc.boolean() }, [
  'name',
  'schema',
])

const output = fc.oneof(
  fc.constantFrom<NonNullable<ChatAsk['output']>>({ kind: 'text' }, { kind: 'json' }),
  record<Extract<NonNullable<ChatAsk['output']>, { kind: 'schema' }>>(
    { kind: fc.constant('schema'), name, description: words, schema, strict: fc.boolean() },
    ['kind', 'name', 'schema'],
  ),
)

const sampling = record<ChatAsk['sampling']>(
  {
    temperature: tenths,
    topP: tenths,
    presencePenalty: tenths,
    frequencyPenalty: tenths,
    seed: fc.nat(),
    stop: fc.array(words, { minLength: 1, maxLength: 4 }),
    logitBias: fc.dictionary(fc.nat(9999).map(String), tenths),
  },
  [],
)

const streaming = fc.constantFrom<Pick<ChatAsk, 'isStream' | 'wantsStreamUsage'>>(
  { isStream: false },
  { isStream: true },
  { isStream: true, wantsStreamUsage: true },
)

const more = record<Omit<ChatAsk, 'model' | 'messages' | 'tools' | 'sampling' | 'choices' | 'isStream'>>(
  {
    maxOutputTokens: fc.integer({ min: 1, max: 100_000 }),
    logprobs: fc.record({ top: fc.nat(20) }),
    user: words,
  },
  [],
)

const tools = fc.oneof(
  fc.constant<Pick<ChatAsk, 'tools'>>({ tools: [] }),
  record<Pick<ChatAsk, 'tools' | 'toolChoice' | 'parallelToolCalls'>>(
    {
      tools: fc.array(tool, { minLength: 1, maxLength: 2 }),
      toolChoice: fc.oneof(
        fc.record({ kind: fc.constantFrom('auto' as const, 'none' as const, 'required' as const) }),
        fc.record({ kind: fc.constant('tool' as const), name }),
      ),
      parallelToolCalls: fc.boolean(),
    },
    ['tools'],
  ),
)

const chatOnly = record<Pick<ChatAsk, 'output' | 'reasoning' | 'serviceTier'>>(
  {
    output,
    reasoning: fc.record({ effort: fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh') }),
    serviceTier: fc.constantFrom('auto', 'default', 'flex', 'priority'),
  },
  [],
)

/** An ask in the form that OpenAI's chat wire decodes to. */
export const chatAsk: fc.Arbitrary<ChatAsk> = fc
  .tuple(
    fc.array(turn, { minLength: 1, maxLength: 4 }),
    tools,
    chatOnly,
    more,
    streaming,
    sampling,
    fc.integer({ min: 1, max: 3 }),
  )
  .map(([turns, told, only, rest, stream, chosen, choices]) => {
    return { model: 'm', messages: turns.flat(), ...told, ...only, ...rest, ...stream, sampling: chosen, choices }
  })

/** An ask in the form that a text completion decodes to. */
export const promptAsk: fc.Arbitrary<ChatAsk> = fc
  .tuple(words, more, streaming, sampling, fc.integer({ min: 1, max: 3 }))
  .map(([prompt, rest, stream, chosen, choices]) => {
    const messages: Message[] = [{ role: 'user', parts: [{ kind: 'text', text: prompt }] }]
    return { model: 'm', messages, tools: [], maxOutputTokens: 9, ...rest, ...stream, sampling: chosen, choices }
  })

const tokenLogprob = fc.record({
  token: words,
  logprob: tenths,
  bytes: fc.oneof(fc.constant(null), few(fc.nat(255), 3)),
})
const logprobs: fc.Arbitrary<TokenLogprob[]> = fc.array(
  fc.tuple(tokenLogprob, few(tokenLogprob)).map(([one, top]) => ({ ...one, top })),
  { minLength: 1, maxLength: 3 },
)

/** Tokens of an answer whose parts are within their totals. */
const usage = fc
  .array(fc.nat(1000), { minLength: 6, maxLength: 6 })
  .map(([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0]) => ({
    inputTokens: a + b + c,
    cachedInputTokens: a,
    cacheWriteTokens: b,
    cacheWrite1hTokens: 0,
    inputAudioTokens: c,
    outputTokens: d + e + f,
    reasoningTokens: d,
    outputAudioTokens: e,
  }))

function finishFor(parts: Part[]): fc.Arbitrary<Finish> {
  if (parts.some(part => part.kind === 'tool_call')) return fc.constantFrom('tool_calls', 'length')
  if (parts.some(part => part.kind === 'refusal')) return fc.constantFrom('refusal', 'length')
  return fc.constantFrom('stop', 'length', 'content_filter')
}

function choice(parts: fc.Arbitrary<Part[]>): fc.Arbitrary<Choice> {
  return parts.chain(said => finishFor(said).map((finish): Choice => ({ index: 0, parts: said, finish })))
}

function answerOf(parts: fc.Arbitrary<Part[]>, tokens: fc.Arbitrary<TokenLogprob[]>): fc.Arbitrary<ChatAnswer> {
  const withTokens = fc.tuple(choice(parts), fc.option(tokens, { nil: undefined }))
  const numbered = fc.array(withTokens, { minLength: 1, maxLength: 3 })
  return fc.tuple(name, fc.nat(2_000_000_000), numbered, usage).map(([id, created, choices, told]) => ({
    id,
    model: 'm-1',
    createdMs: created * 1000,
    choices: choices.map(([made, logs], index) => ({ ...made, index, ...(logs && { logprobs: logs }) })),
    usage: told,
  }))
}

/** An answer in the form that OpenAI's chat wire decodes to. */
export const chatAnswer = answerOf(assistantParts(1), logprobs)

/** An answer of a text completion, whose tokens have no bytes and no two likely ones alike. */
export const textAnswer = answerOf(
  few(text, 1),
  logprobs.map(tokens =>
    tokens.map(({ token, logprob }) => ({ token, logprob, bytes: null, top: [{ token, logprob, bytes: null }] })),
  ),
)

/** The pieces of a text, cut at `sizes`, which are gone through again and again. */
export function cut(said: string, sizes: number[]): string[] {
  const pieces: string[] = []
  for (let at = 0, i = 0; at < said.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1
    pieces.push(said.slice(at, at + size))
    at += size
  }
  return pieces
}

function partDeltas(part: Part, at: number, sizes: number[]): ChatDelta[] {
  if (part.kind === 'text' || part.kind === 'refusal') {
    return cut(part.text, sizes).map(piece => ({ kind: part.kind, choice: at, text: piece }))
  }
  if (part.kind !== 'reasoning') return []
  const { kind, text: said, ...marks } = part
  if (Object.keys(marks).length === 0) return cut(said, sizes).map(piece => ({ kind, choice: at, text: piece }))
  return [
    ...cut(said, sizes).map(piece => ({ kind, choice: at, text: piece })),
    { kind, choice: at, text: '', ...marks },
  ]
}

/** Calls begin together and are filled in turns. */
function callDeltas(parts: Part[], at: number, sizes: number[]): ChatDelta[] {
  const calls = parts.filter(part => part.kind === 'tool_call')
  const starts = calls.map(({ kind: _kind, arguments: _args, ...told }, index): ChatDelta => {
    return { kind: 'tool_call', choice: at, index, ...told }
  })
  const pieces = calls.map(made => cut(made.arguments, sizes))
  const rounds = Math.max(0, ...pieces.map(list => list.length))
  const filled = Array.from({ length: rounds }, (_, round) =>
    pieces.flatMap((list, index): ChatDelta[] => {
      const piece = list[round]
      return piece === undefined ? [] : [{ kind: 'tool_arguments', choice: at, index, text: piece }]
    }),
  )
  return [...starts, ...filled.flat()]
}

function choiceDeltas({ index, parts, finish }: Choice, sizes: number[]): ChatDelta[] {
  const said = parts.flatMap(part => partDeltas(part, index, sizes))
  return [...said, ...callDeltas(parts, index, sizes), { kind: 'finish', choice: index, finish }]
}

/** The steps in which an answer may be streamed: its choices in turns, its texts in pieces. */
export function deltasOf(answer: ChatAnswer, sizes: number[]): ChatDelta[] {
  const { id, model, createdMs, usage: told } = answer
  const lines = answer.choices.map(made => choiceDeltas(made, sizes))
  const longest = Math.max(...lines.map(line => line.length))
  const inTurns = Array.from({ length: longest }, (_, i) => lines.flatMap(line => line.slice(i, i + 1)))
  return [
    { kind: 'start', id, model, createdMs },
    ...inTurns.flat(),
    ...(told ? [{ kind: 'usage' as const, usage: told }] : []),
  ]
}
