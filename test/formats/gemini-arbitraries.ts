import fc from 'fast-check'
import type { ChatAnswer, ChatAsk, Message, Part } from '../../workers/formats/chat.ts'

type CallPart = Extract<Part, { kind: 'tool_call' }>

/** The model that all requests ask for. */
export const MODEL = 'gemini-3-pro'

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const base64 = fc.base64String({ minLength: 4, maxLength: 12 })
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/)
const some = { requiredKeys: [] }
const textArb = fc.record({ kind: fc.constant('text' as const), text: words })

const sourceArb = (mediaType: string) =>
  fc.oneof(
    fc.record({ kind: fc.constant('data' as const), mediaType: fc.constant(mediaType), base64 }),
    fc.record({ kind: fc.constant('url' as const), url: fc.webUrl(), mediaType: fc.constant(mediaType) }),
    fc.constant({ kind: 'id' as const, id: 'gs://bucket/file', mediaType }),
  )
const mediaArb: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ kind: fc.constant('image' as const), source: sourceArb('image/png') }),
  fc.record({ kind: fc.constant('audio' as const), source: sourceArb('audio/wav') }),
  fc.record({ kind: fc.constant('file' as const), source: sourceArb('application/pdf') }),
)

const argumentsArb = fc.dictionary(words, fc.jsonValue({ maxDepth: 2 })).map(args => JSON.stringify(args))
const bareCallArb = fc.record(
  { name, arguments: argumentsArb, signature: base64 },
  { requiredKeys: ['name', 'arguments'] },
)
const callsArb = fc.array(bareCallArb, { maxLength: 3 })
// Among them texts that look like what Gemini reads otherwise: its own names, and JSON that is not printed so again.
const likeIts = ['{"output":"x"}', '{"error":"x"}', '{"output":1,"error":2}', '{}', '[]', '{ "a": 1 }', '{"a":1.0}']
const toolOutputArb = fc.oneof(words, fc.json({ maxDepth: 2 }), argumentsArb, fc.constantFrom(...likeIts))

/** Calls with ids of their own. */
export function named(calls: Omit<CallPart, 'kind' | 'id'>[], from: string): CallPart[] {
  return calls.map((call, index) => ({ kind: 'tool_call', id: `${from}_${index}`, ...call }))
}

const thoughtArb: fc.Arbitrary<Part> = fc.record(
  { kind: fc.constant('reasoning' as const), text: words, signature: base64 },
  { requiredKeys: ['kind', 'text'] },
)
const saidArb = fc.tuple(fc.option(thoughtArb), fc.option(textArb))

function resultOf({ id, name: of }: CallPart): fc.Arbitrary<Part> {
  const head = { kind: fc.constant('tool_result' as const), callId: fc.constant(id), name: fc.constant(of) }
  const content = fc
    .tuple(fc.option(toolOutputArb), fc.array(mediaArb, { maxLength: 1 }))
    .map(([text, media]): Part[] => [...(text === null ? [] : [{ kind: 'text' as const, text }]), ...media])
  return fc.record(
    { ...head, content, isError: fc.constant(true) },
    { requiredKeys: ['kind', 'callId', 'name', 'content'] },
  )
}

/** A user's message, the model's answer, and the results of what it called. */
const turnArb = fc
  .tuple(fc.array(fc.oneof(textArb, mediaArb), { minLength: 1, maxLength: 3 }), saidArb, callsArb, fc.uuid())
  .chain(([asked, said, bare, id]) => {
    const calls = named(bare, id)
    const results = fc
      .tuple(...calls.map(resultOf))
      .chain(parts => fc.shuffledSubarray(parts, { minLength: parts.length }))
    return results.map((parts): Message[] => [
      { role: 'user', parts: asked },
      { role: 'assistant', parts: [...said.filter(part => part !== null), ...calls] },
      { role: 'user', parts },
    ])
  })
const messagesArb = fc
  .tuple(fc.array(textArb, { maxLength: 2 }), fc.array(turnArb, { minLength: 1, maxLength: 3 }))
  .map(([system, turns]): Message[] => [{ role: 'system', parts: system }, ...turns.flat()])
  .map(messages => messages.filter(({ parts }) => parts.length > 0))

const schemaArb = fc.record({
  type: fc.constant('object'),
  properties: fc.dictionary(name, fc.constant({ type: 'string' }), { minKeys: 1 }),
})
const toolArb = fc.record({ name, description: words, schema: schemaArb }, { requiredKeys: ['name', 'schema'] })
const toolsArb: fc.Arbitrary<Pick<ChatAsk, 'tools' | 'toolChoice'>> = fc.oneof(
  fc.record({ tools: fc.constant<ChatAsk['tools']>([]) }),
  fc.record({ tools: fc.array(toolArb), toolChoice: fc.record({ kind: fc.constantFrom('auto', 'none', 'required') }) }),
  fc.record({ tools: fc.array(toolArb), toolChoice: fc.record({ kind: fc.constant('tool' as const), name }) }),
  fc.array(toolArb, { minLength: 1 }).map(tools => {
    return { tools: tools.map(tool => ({ ...tool, strict: true })), toolChoice: { kind: 'auto' as const } }
  }),
)

const tenth = fc.integer({ min: -20, max: 20 }).map(n => (n + 0.5) / 10)
const sampling = fc.record(
  {
    temperature: tenth,
    topP: tenth,
    topK: fc.nat(),
    presencePenalty: tenth,
    frequencyPenalty: tenth,
    seed: fc.integer(),
    stop: fc.array(words, { minLength: 1 }),
  },
  some,
)
const isShown = fc.boolean()
const optional = fc.record(
  {
    output: fc.oneof(
      fc.constant({ kind: 'text' as const }),
      fc.constant({ kind: 'json' as const }),
      fc.record({ kind: fc.constant('schema' as const), name: fc.constant('response'), schema: schemaArb }),
    ),
    maxOutputTokens: fc.nat(),
    logprobs: fc.record({ top: fc.nat({ max: 20 }) }),
    reasoning: fc.oneof(
      fc.record(
        { effort: fc.constantFrom('minimal' as const, 'low' as const, 'high' as const), isShown },
        { requiredKeys: ['effort'] },
      ),
      fc.record({ budgetTokens: fc.nat(), isShown }, { requiredKeys: ['budgetTokens'] }),
    ),
    serviceTier: fc.constantFrom('default', 'flex', 'priority'),
    metadata: fc.dictionary(name, name, { minKeys: 1 }),
  },
  some,
)
/** A request that Gemini can say. */
export const askArb = fc
  .tuple(messagesArb, toolsArb, sampling, optional, fc.integer({ min: 1, max: 8 }), fc.boolean())
  .map(([messages, tools, chosen, more, choices, isStream]): ChatAsk => {
    const stream = { isStream, ...(isStream && { wantsStreamUsage: true }) }
    return { model: MODEL, messages, ...tools, sampling: chosen, choices, ...stream, ...more }
  })

const seal = { signature: fc.string(), redacted: fc.string(), id: fc.string() }
const sealedArb: fc.Arbitrary<Part> = fc.record(
  { kind: fc.constant('reasoning' as const), text: words, ...seal },
  { requiredKeys: ['kind', 'text'] },
)
const tokenArb = fc.record({ token: words, logprob: tenth, bytes: fc.constant(null) })
const logprobsArb = fc.array(
  fc.record({ token: words, logprob: tenth, bytes: fc.constant(null), top: fc.array(tokenArb) }),
  { minLength: 1 },
)
const usageArb = fc
  .tuple(fc.integer({ min: 1, max: 1e9 }), ...Array.from({ length: 5 }, () => fc.nat({ max: 1e9 })))
  .map(([input, ...rest]) => {
    const [candidates, reasoningTokens, cached, inputAudio, outputAudio] = rest.map(count => count ?? 0)
    const least = (count = 0, of = 0) => Math.min(count, of)
    return {
      inputTokens: input,
      outputTokens: (candidates ?? 0) + (reasoningTokens ?? 0),
      cachedInputTokens: least(cached, input),
      cacheWriteTokens: 0,
      cacheWrite1hTokens: 0,
      reasoningTokens: reasoningTokens ?? 0,
      inputAudioTokens: least(inputAudio, input),
      outputAudioTokens: least(outputAudio, candidates),
    }
  })
const choiceArb = fc
  .tuple(
    fc.array(fc.oneof(textArb, sealedArb, mediaArb)),
    callsArb,
    fc.option(logprobsArb),
    fc.constantFrom('stop', 'length', 'content_filter', 'other'),
  )
  .map(([said, bare, logprobs, reason]) => {
    const finish = reason === 'stop' && bare.length > 0 ? ('tool_calls' as const) : (reason as 'stop')
    return { parts: [...said, ...named(bare, 'c')], finish, ...(logprobs && { logprobs }) }
  })
/** An answer, of any vendor, that Gemini can say. */
export const answerArb: fc.Arbitrary<ChatAnswer> = fc
  .tuple(fc.array(choiceArb, { minLength: 1, maxLength: 3 }), fc.option(usageArb), fc.nat(), words)
  .map(([choices, usage, createdMs, id]) => ({
    id,
    model: MODEL,
    createdMs,
    choices: choices.map((choice, index) => ({ index, ...choice })),
    usage: usage ?? undefined,
    ...(usage && { serviceTier: 'flex' }),
  }))

/** One choice of a stream: thoughts, a text and calls, and where they are cut. */
export const streamArb = fc.record({
  thoughts: fc.array(sealedArb, { maxLength: 2 }),
  text: words,
  bare: callsArb,
  places: fc.array(fc.nat(), { maxLength: 5 }),
  usage: usageArb,
})
