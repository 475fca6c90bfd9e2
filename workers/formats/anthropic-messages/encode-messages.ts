import type { Message, Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { encodeAssistantPart, encodeSystemPart, encodeUserPart } from './encode-part.ts'

type Turn = { role: Message['role']; content: Json[] }
type Encode = (part: Part, param: string) => Json[]

const ENCODE: Record<Message['role'], Encode> = {
  system: encodeSystemPart,
  user: encodeUserPart,
  assistant: encodeAssistantPart,
}

function encodeTurn({ role, parts, name }: Message, param: string): Turn {
  if (name !== undefined) throw untranslatable(`${param}.name`, 'this wire has no names of participants')
  return { role, content: parts.flatMap((part, index) => ENCODE[role](part, `${param}.content.${index}`)) }
}

// Anthropic wants results before what else the user says.
function resultsFirst({ role, content }: Turn): Turn {
  const isResult = (block: Json) => block.type === 'tool_result'
  return { role, content: [...content.filter(isResult), ...content.filter(block => !isResult(block))] }
}

/**
 * Turns as Anthropic takes them: one after the other of the same role are one; a system message in the middle stands
 * between the user's turn and the answer to it, or at the end, so it waits until that turn is whole.
 */
class Turns {
  readonly list: Turn[] = []
  #waiting: { content: Json[]; param: string } | undefined

  add(turn: Turn, param: string): void {
    if (turn.content.length === 0) return
    if (turn.role === 'system') this.#wait(turn.content, param)
    else this.#speak(turn)
  }

  /** Nothing more comes: what still waits has its place here, or none. */
  end(): Turn[] {
    this.#place()
    if (this.#waiting)
      throw untranslatable(this.#waiting.param, 'on this wire instructions follow a message of the user')
    return this.list.map(resultsFirst)
  }

  #wait(content: Json[], param: string): void {
    this.#waiting = { content: [...(this.#waiting?.content ?? []), ...content], param }
  }

  #speak(turn: Turn): void {
    if (turn.role === 'assistant') this.#place()
    const last = this.list.at(-1)
    if (last?.role === turn.role) last.content.push(...turn.content)
    else this.list.push(turn)
  }

  #place(): void {
    if (!this.#waiting || this.list.at(-1)?.role !== 'user') return
    this.list.push({ role: 'system', content: this.#waiting.content })
    this.#waiting = undefined
  }
}

/** The prompt: instructions at its beginning are `system`, all else is `messages`. */
export function encodeMessages(messages: Message[]): Json {
  const turns = messages.map((message, index) => ({ ...encodeTurn(message, `messages.${index}`), index }))
  const first = turns.findIndex(({ role }) => role !== 'system')
  if (first < 0) throw untranslatable('messages', 'this wire wants a message that is not of the system')
  const system = turns.slice(0, first).flatMap(({ content }) => content)
  const rest = new Turns()
  for (const { role, content, index } of turns.slice(first)) rest.add({ role, content }, `messages.${index}`)
  return { ...(system.length > 0 && { system }), messages: rest.end() }
}
