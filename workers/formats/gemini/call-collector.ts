import type { ChatDelta } from '../chat.ts'
import type { Call } from './call-part.ts'
import { ObjectEnd } from './object-end.ts'

type Begun = { call: Call; pieces: string[]; end: ObjectEnd; isWhole: boolean }

/** Gathers the calls of one choice until each is whole: Gemini's have no halves. They leave in their order. */
export class CallCollector {
  readonly #begun = new Map<number, Begun>()

  begin(delta: Extract<ChatDelta, { kind: 'tool_call' }>): void {
    const { index, id, name, signature } = delta
    const call: Call = { id, name, arguments: '', ...(signature !== undefined && { signature }) }
    this.#begun.set(index, { call, pieces: [], end: new ObjectEnd(), isWhole: false })
  }

  /** The calls that this piece of arguments makes whole. */
  add(index: number, text: string): Call[] {
    const begun = this.#begun.get(index)
    if (!begun) return []
    begun.pieces.push(text)
    begun.isWhole = begun.end.push(text) || begun.isWhole
    return this.#take(one => one.isWhole)
  }

  /** The calls that have not left, whole or not. */
  rest(): Call[] {
    return this.#take(() => true)
  }

  #take(isReady: (begun: Begun) => boolean): Call[] {
    const taken: Call[] = []
    for (const [index, begun] of this.#begun) {
      if (!isReady(begun)) break
      this.#begun.delete(index)
      taken.push({ ...begun.call, arguments: begun.pieces.join('') })
    }
    return taken
  }
}
