import fc from 'fast-check'
import type {
  AnswerUsage,
  ChatAnswer,
  ChatAsk,
  Choice,
  Finish,
  Message,
  Part,
  Source,
  TokenLogprob,
  Tool,
} from '../../workers/formats/chat.ts'

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 })
const name = fc.stringMatching(/^[a-z_]{1,12}$/)
const id = fc.stringMatching(/^[a-z]{2}_[A-Za-z0-9]{1,12}$/)
const base64 = fc.base64String({ minLength: 4, maxLength: 16 })

/** A record of which any of the optional members may be absent. */
function some<T, K extends keyof T>(model: { [P in keyof T]: fc.Arbitrary<T[P]> }, requiredKeys: K[]) {
  return fc.record(model, { requiredKeys })
}

function source(mediaType: string): fc.Arbitrary<Source> {
  return fc.oneof(
    fc.record({ kind: fc.constant('url' as const), url: fc.webUrl() }),
    fc.record({ kind: fc.constant('data' as const), mediaType: fc.constant(mediaType), base64 }),
    fc.record({ kind: fc.constant('id' as const), id }),
  )
}

const sound = fc.record({
  kind: fc.constant('data' as const),
  mediaType: fc.constantFrom('audio/mpeg', 'audio/wav'),
  base64,
})

const textPart: fc.Arbitrary<Part> = fc.record({ kind: fc.constant('text' as const), text })
const image: fc.Arbitrary<Part> = fc.record({
  kind: fc.constant('image' as const),
  source: source('image/png'),
  detail: fc.constantFrom('low' as const, 'high' as const, 'auto' as const),
})
const file: fc.Arbitrary<Part> = some({ kind: fc.constant('file' as const), source: source('application/pdf'), name }, [
  'kind',
  'source',
])
const audio: fc.Arbitrary<Part> = fc.record({ kind: fc.constant('audio' as const), source: sound })
const refusal: fc.Arbitrary<Part> = fc.record({ kind: fc.constant('refusal' as const), text })

function toolCall(withSignature: boolean): fc.Arbitrary<Part> {
  const call = { kind: fc.constant('tool_call' as const), id, name, arguments: fc.json() }
  const required: (keyof typeof call)[] = ['kind', 'id', 'name', 'arguments']
  return withSignature ? some({ ...call, signature: base64 }, required) : fc.record(call)
}

/** Thoughts as a vendor of this wire has them, or (`withRedacted`) as any does. */
function thought(withRedacted: boolean): fc.Arbitrary<Part> {
  const kind = fc.constant('reasoning' as const)
  const open = fc.record({ kind, text, id })
  const signed = fc.record({ kind, text: fc.oneof(text, fc.constant('')), signature: base64, id })
  const hidden = fc.record({ kind, text: fc.constant(''), redacted: base64, id })
  return withRedacted ? fc.oneof(open, signed, hidden) : fc.oneof(open, signed)
}

const userMessage: fc.Arbitrary<Message> = fc.record({
  role: fc.constant('user' as const),
  parts: fc.array(fc.oneof(textPart, image, file, audio), { minLength: 1, maxLength: 3 }),
})

const systemMessage: fc.Arbitrary<Message> = fc.record({
  role: fc.constant('system' as const),
  parts: fc.array(textPart, { minLength: 1, maxLength: 2 }),
})

const results: fc.Arbitrary<Message> = fc.record({
  role: fc.constant('user' as const),
  parts: fc.array(
    fc.record({
      kind: fc.constant('tool_result' as const),
      callId: id,
      content: fc.array(fc.oneof(textPart, image, file), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
})

const assistantMessage: fc.Arbitrary<Message> = fc.record({
  role: fc.constant('assistant' as const),
  parts: fc.array(fc.oneof(textPart, refusal, toolCall(false), thought(false)), { minLength: 1, maxLength: 4 }),
})

/** Turns as they follow each other: an assistant's, then what is said to it. */
const messages: fc.Arbitrary<Message[]> = fc
  .array(
    fc.tuple(
      fc.array(systemMessage, { maxLength: 2 }),
      fc.option(results, { nil: undefined }),
      fc.array(userMessage, { minLength: 1, maxLength: 2 }),
      fc.option(assistantMessage, { nil: undefined }),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map(turns =>
    turns.flatMap(([system, result, users, assistant]) => [
      ...system,
      ...(result ? [result] : []),
      ...users,
      ...(assistant ? [assistant] : []),
    ]),
  )

const schema = fc.dictionary(name, fc.oneof(fc.integer(), fc.boolean(), text), { maxKeys: 3 })

const tool: fc.Arbitrary<Tool> = some({ name, description: text, schema, strict: fc.boolean() }, [
  'name',
  'schema',
  'strict',
])

const output: fc.Arbitrary<NonNullable<ChatAsk['output']>> = fc.oneof(
  fc.record({ kind: fc.constantFrom('text' as const, 'json' as const) }),
  some({ kind: fc.constant('schema' as const), name, description: text, schema, strict: fc.boolean() }, [
    'kind',
    'name',
    'schema',
  ]),
)

const toolChoice: fc.Arbitrary<NonNullable<ChatAsk['toolChoice']>> = fc.oneof(
  fc.record({ kind: fc.constantFrom('auto' as const, 'none' as const, 'required' as const) }),
  fc.record({ kind: fc.constant('tool' as const), name }),
)

const reasoning: fc.Arbitrary<NonNullable<ChatAsk['reasoning']>> = some(
  {
    effort: fc.constantFrom(
      'none' as const,
      'minimal' as const,
      'low' as const,
      'medium' as const,
      'high' as const,
      'xhigh' as const,
    ),
    isShown: fc.constant(true),
  },
  [],
)

/** Any ask that this wire can say. */
export const asks: fc.Arbitrary<ChatAsk> = some(
  {
    model: name,
    messages,
    tools: fc.array(tool, { maxLength: 3 }),
    sampling: some(
      { temperature: fc.double({ min: 0, max: 2, noNaN: true }), topP: fc.double({ min: 0, max: 1, noNaN: true }) },
      [],
    ),
    choices: fc.constant(1),
    isStream: fc.boolean(),
    toolChoice,
    parallelToolCalls: fc.boolean(),
    output,
    maxOutputTokens: fc.nat(),
    logprobs: fc.record({ top: fc.nat(20) }),
    reasoning,
    serviceTier: fc.constantFrom('auto', 'default', 'flex', 'priority'),
    user: name,
    metadata: fc.dictionary(name, text, { maxKeys: 3 }),
  },
  ['model', 'messages', 'tools', 'sampling', 'choices', 'isStream'],
).map(ask => (ask.isStream ? { ...ask, wantsStreamUsage: true } : ask))

const FINISHES: Finish[] = ['stop', 'length', 'tool_calls', 'content_filter', 'refusal', 'other']

const count = fc.nat(1_000_000)

const usage: fc.Arbitrary<AnswerUsage> = fc.record({
  inputTokens: count,
  outputTokens: count,
  cachedInputTokens: count,
  cacheWriteTokens: count,
  cacheWrite1hTokens: fc.constant(0),
  reasoningTokens: count,
  inputAudioTokens: count,
  outputAudioTokens: count,
})

const bytes = fc.option(fc.array(fc.nat(255), { minLength: 1, maxLength: 4 }), { nil: null })
// JSON has no zero below zero.
const logprob = fc.double({ max: 0, min: -20, noNaN: true }).map(value => value + 0)
const likely = fc.record({ token: text, logprob, bytes })
const token: fc.Arbitrary<TokenLogprob> = fc.record({
  token: text,
  logprob,
  bytes,
  top: fc.array(likely, { maxLength: 2 }),
})

/** What is so of every answer: how it ends fits what is in it. */
function settle(choice: Choice): Choice {
  const has = (kind: Part['kind']) => choice.parts.some(part => part.kind === kind)
  const isText = has('text')
  const { logprobs, ...rest } = choice
  const whole = has('tool_call') ? 'tool_calls' : has('refusal') ? 'refusal' : 'stop'
  const isCut = choice.finish === 'length' || choice.finish === 'content_filter' || choice.finish === 'other'
  return { ...rest, finish: isCut ? choice.finish : whole, ...(logprobs && isText ? { logprobs } : {}) }
}

const choice: fc.Arbitrary<Choice> = some(
  {
    index: fc.constant(0),
    parts: fc.array(fc.oneof(textPart, refusal, toolCall(true), thought(true)), { maxLength: 5 }),
    finish: fc.constantFrom(...FINISHES),
    logprobs: fc.array(token, { minLength: 1, maxLength: 2 }),
  },
  ['index', 'parts', 'finish'],
).map(settle)

/** Any answer that this wire can say, in whole seconds. */
export const answers: fc.Arbitrary<ChatAnswer> = fc
  .tuple(
    some({ id, model: name, createdMs: fc.nat(2_000_000_000).map(seconds => seconds * 1000), serviceTier: name }, [
      'id',
      'model',
      'createdMs',
    ]),
    choice,
    fc.option(usage, { nil: undefined }),
  )
  .map(([answer, only, told]) => ({ ...answer, choices: [only], usage: told }))
