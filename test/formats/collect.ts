import type { ChatAnswer, ChatDelta, Choice, Part } from '../../workers/formats/chat.ts'
import type { WireEvent } from '../../workers/formats/codec.ts'

type Told<Kind> = Extract<ChatDelta, { kind: Kind }>
type Growing = Choice & { calls: Map<number, Extract<Part, { kind: 'tool_call' }>> }

/** The events of a stream's text, as a client cuts them. */
export function eventsOf(stream: string): WireEvent[] {
  return stream
    .split('\n\n')
    .filter(block => block !== '')
    .map(block => ({ data: block.replace(/^data: /, '') }))
}

function addText(choice: Growing, { kind, text }: Told<'text' | 'refusal'>): void {
  const last = choice.parts.at(-1)
  if (last?.kind === kind) last.text += text
  else if (text !== '') choice.parts.push({ kind, text })
}

function addThought(choice: Growing, { choice: _at, ...thought }: Told<'reasoning'>): void {
  const last = choice.parts.at(-1)
  const isOpen = last?.kind === 'reasoning' && last.signature === undefined && last.redacted === undefined
  if (!isOpen || thought.redacted !== undefined) choice.parts.push({ ...thought })
  else Object.assign(last, thought, { text: last.text + thought.text })
}

function addCall(choice: Growing, { choice: _at, index, ...told }: Told<'tool_call'>): void {
  const call = { ...told, arguments: '' }
  choice.calls.set(index, call)
  choice.parts.push(call)
}

function add(choice: Growing, delta: ChatDelta): void {
  if (delta.kind === 'text' || delta.kind === 'refusal') addText(choice, delta)
  if ((delta.kind === 'text' || delta.kind === 'refusal') && delta.logprobs) {
    choice.logprobs = [...(choice.logprobs ?? []), ...delta.logprobs]
  }
  if (delta.kind === 'reasoning') addThought(choice, delta)
  if (delta.kind === 'tool_call') addCall(choice, delta)
  if (delta.kind === 'finish') choice.finish = delta.finish
  if (delta.kind !== 'tool_arguments') return
  const call = choice.calls.get(delta.index)
  if (!call) throw new Error(`arguments of call ${delta.index}, which has not begun`)
  call.arguments += delta.text
}

/** The whole answer that a stream's steps make. Throws where they are out of order, or tell an error. */
export function collect(deltas: ChatDelta[]): ChatAnswer {
  const [start, ...rest] = deltas
  if (start?.kind !== 'start') throw new Error('a stream begins with its start')
  const choices = new Map<number, Growing>()
  const answer: ChatAnswer = {
    id: start.id,
    model: start.model,
    createdMs: start.createdMs,
    choices: [],
    usage: undefined,
  }
  for (const delta of rest) {
    if (delta.kind === 'start' || delta.kind === 'error') throw new Error(`${delta.kind} in the middle`)
    if (delta.kind === 'usage') answer.usage = delta.usage
    if (delta.kind === 'usage') continue
    const at = delta.choice
    const choice = choices.get(at) ?? { index: at, parts: [], finish: 'other', calls: new Map() }
    choices.set(at, choice)
    add(choice, delta)
  }
  const inOrder = [...choices.values()].sort((a, b) => a.index - b.index)
  return { ...answer, choices: inOrder.map(({ calls: _calls, ...choice }) => choice) }
}
