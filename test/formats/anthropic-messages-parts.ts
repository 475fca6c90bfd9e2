import type { ChatDelta, Part } from '../../workers/formats/chat.ts'

/** Parts as whoever reads the deltas puts them together: a signature ends its thought. */
class Assembly {
  readonly parts: Part[] = []
  readonly #calls = new Map<number, Extract<Part, { kind: 'tool_call' }>>()

  add(delta: ChatDelta): void {
    const last = this.parts.at(-1)
    if (delta.kind === 'text') {
      if (last?.kind === 'text') last.text += delta.text
      else this.parts.push({ kind: 'text', text: delta.text })
    } else if (delta.kind === 'reasoning') this.#think(delta, last)
    else if (delta.kind === 'tool_call') {
      const { choice: _, index, ...call } = delta
      const part = { ...call, arguments: '' }
      this.#calls.set(index, part)
      this.parts.push(part)
    } else if (delta.kind === 'tool_arguments') {
      const call = this.#calls.get(delta.index)
      if (call) call.arguments += delta.text
    }
  }

  #think({ choice: _, ...thought }: Extract<ChatDelta, { kind: 'reasoning' }>, last: Part | undefined): void {
    const isOpen = last?.kind === 'reasoning' && last.signature === undefined && last.redacted === undefined
    if (isOpen && thought.redacted === undefined) Object.assign(last, thought, { text: last.text + thought.text })
    else this.parts.push(thought)
  }
}

/** The parts that a stream had. */
export function assemble(deltas: ChatDelta[]): Part[] {
  const assembly = new Assembly()
  for (const delta of deltas) assembly.add(delta)
  return assembly.parts
}

const cut = (text: string, size: number) => text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []

/** A stream of one part, cut into pieces of this length. `index` is that of a call. */
export function deltasOf(part: Part, index: number, size: number): ChatDelta[] {
  if (part.kind === 'tool_call') {
    const { arguments: args, cache: _, ...call } = part
    const pieces = cut(args, size).map((text): ChatDelta => ({ kind: 'tool_arguments', choice: 0, index, text }))
    return [{ ...call, choice: 0, index }, ...pieces]
  }
  if (part.kind === 'text') return cut(part.text, size).map((text): ChatDelta => ({ kind: 'text', choice: 0, text }))
  if (part.kind !== 'reasoning') return []
  if (part.redacted !== undefined) return [{ ...part, choice: 0 }]
  const { signature, id, text } = part
  const thought = { kind: 'reasoning' as const, choice: 0, ...(id !== undefined && { id }) }
  const end = signature === undefined ? [] : [{ ...thought, text: '', signature }]
  return [...cut(text, size).map(piece => ({ ...thought, text: piece })), ...end]
}
