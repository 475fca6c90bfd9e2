import { asRecord } from '../../workers/formats/as-record.ts'
import type { AnswerUsage, ChatAnswer, ChatAsk, ChatDelta, Part, TokenLogprob } from '../../workers/formats/chat.ts'
import type { Json, WireEvent } from '../../workers/formats/codec.ts'
import { openaiResponsesCodec as codec } from '../../workers/formats/openai-responses/openai-responses-codec.ts'

/** The least that can be asked. */
export const ASK: ChatAsk = {
  model: 'm',
  messages: [{ role: 'user', parts: [{ kind: 'text', text: 'hi' }] }],
  tools: [],
  sampling: {},
  choices: 1,
  isStream: true,
}

const USAGE: AnswerUsage = {
  inputTokens: 30,
  outputTokens: 20,
  cachedInputTokens: 10,
  cacheWriteTokens: 5,
  cacheWrite1hTokens: 0,
  reasoningTokens: 7,
  inputAudioTokens: 0,
  outputAudioTokens: 0,
}

/** An answer of these parts. */
export function answerOf(parts: Part[], members: Partial<ChatAnswer> = {}): ChatAnswer {
  const finish = parts.some(part => part.kind === 'tool_call') ? ('tool_calls' as const) : ('stop' as const)
  return {
    id: 'a1',
    model: 'm',
    createdMs: 1_700_000_000_000,
    choices: [{ index: 0, parts, finish }],
    usage: USAGE,
    ...members,
  }
}

/** A text in pieces of `size` code points. */
function cut(text: string, size: number): string[] {
  const points = [...text]
  return Array.from({ length: Math.ceil(points.length / size) }, (_, index) =>
    points.slice(index * size, (index + 1) * size).join(''),
  )
}

type Piece = { part: Part; size: number; logprobs: TokenLogprob[] | undefined; call: number }

function deltasOf({ part, size, logprobs, call }: Piece): ChatDelta[] {
  const at = { choice: 0 as const }
  if (part.kind === 'text')
    return cut(part.text, size).map((text, index) => ({
      kind: 'text',
      ...at,
      text,
      ...(index === 0 && logprobs ? { logprobs } : {}),
    }))
  if (part.kind === 'refusal') return cut(part.text, size).map(text => ({ kind: 'refusal', ...at, text }))
  if (part.kind === 'reasoning') {
    const { text, ...rest } = part
    const { id } = part
    const thoughts = cut(text, size).map(
      (piece): ChatDelta => ({ kind: 'reasoning', ...at, text: piece, ...(id ? { id } : {}) }),
    )
    return part.signature === undefined && part.redacted === undefined
      ? thoughts
      : [...thoughts, { ...rest, ...at, text: '' }]
  }
  if (part.kind !== 'tool_call') return []
  const { id, name, signature, arguments: text } = part
  const begun: ChatDelta = { kind: 'tool_call', ...at, index: call, id, name, ...(signature ? { signature } : {}) }
  return [
    begun,
    ...cut(text, size).map((piece): ChatDelta => ({ kind: 'tool_arguments', ...at, index: call, text: piece })),
  ]
}

/** An answer as it would be streamed, its texts cut into pieces. */
export function streamOf(answer: ChatAnswer, size: number): ChatDelta[] {
  const { id, model, createdMs, usage, serviceTier } = answer
  const only = answer.choices[0]
  const firstText = only?.parts.findIndex(part => part.kind === 'text')
  const parts = only?.parts ?? []
  const pieces = parts.map((part, index) => ({
    part,
    size,
    logprobs: index === firstText ? only?.logprobs : undefined,
    call: parts.slice(0, index).filter(each => each.kind === 'tool_call').length,
  }))
  return [
    { kind: 'start', id, model, createdMs },
    ...pieces.flatMap(deltasOf),
    { kind: 'finish', choice: 0, finish: only?.finish ?? 'other' },
    ...(usage ? [{ kind: 'usage' as const, usage, ...(serviceTier ? { serviceTier } : {}) }] : []),
  ]
}

/** The text of a stream. */
export function write(deltas: ChatDelta[], ask = ASK): string {
  const encoder = codec.streamEncoder(ask)
  return deltas.map(delta => encoder.push(delta)).join('') + encoder.end()
}

/** Its events. `members`: their data. */
export function eventsOf(stream: string): (WireEvent & { members: Json })[] {
  return stream
    .split('\n\n')
    .filter(Boolean)
    .map(block => {
      const [event = '', data = ''] = block.split('\n')
      const text = data.slice('data: '.length)
      return { event: event.slice('event: '.length), data: text, members: asRecord(JSON.parse(text)) }
    })
}

/** What they say. */
export function read(events: WireEvent[]): ChatDelta[] {
  const decoder = codec.streamDecoder()
  return [...events.flatMap(event => decoder.push(event)), ...decoder.end()]
}

/** What a stream makes. `rest`: what is of no part, in the order of its kinds. */
export type Collected = { parts: Part[]; logprobs: TokenLogprob[]; rest: ChatDelta[] }

type Of<K extends ChatDelta['kind']> = Extract<ChatDelta, { kind: K }>

function collectThought(parts: Part[], { choice: _, text, ...thought }: Of<'reasoning'>): void {
  const last = parts.at(-1)
  const isOpen = last?.kind === 'reasoning' && last.signature === undefined && last.redacted === undefined
  if (isOpen && last.id === thought.id && thought.redacted === undefined)
    Object.assign(last, thought, { text: last.text + text })
  else parts.push({ text, ...thought })
}

function collectText({ parts, logprobs }: Collected, delta: Of<'text' | 'refusal'>): void {
  const { kind, text } = delta
  const last = parts.at(-1)
  if (delta.kind === 'text') logprobs.push(...(delta.logprobs ?? []))
  if (last?.kind === kind) last.text += text
  else parts.push({ kind, text })
}

/** The parts of a stream. Text that follows text is one, as is a thought until it is signed or another begins. */
export function collect(deltas: ChatDelta[]): Collected {
  const made: Collected = { parts: [], logprobs: [], rest: [] }
  const calls = new Map<number, Extract<Part, { kind: 'tool_call' }>>()
  const begin = ({ choice: _, index, ...call }: Of<'tool_call'>) => {
    const part = { ...call, arguments: '' }
    calls.set(index, part)
    made.parts.push(part)
  }
  const fill = ({ index, text }: Of<'tool_arguments'>) => {
    const call = calls.get(index)
    if (call) call.arguments += text
  }
  for (const delta of deltas) {
    if (delta.kind === 'text' || delta.kind === 'refusal') collectText(made, delta)
    else if (delta.kind === 'reasoning') collectThought(made.parts, delta)
    else if (delta.kind === 'tool_call') begin(delta)
    else if (delta.kind === 'tool_arguments') fill(delta)
    else made.rest.push(delta)
  }
  return { ...made, rest: made.rest.toSorted((a, b) => a.kind.localeCompare(b.kind)) }
}
