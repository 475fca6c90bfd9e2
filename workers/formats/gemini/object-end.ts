/**
 * Finds the end of a JSON object in a text that comes in pieces: each character is looked at once, however many pieces
 * there are.
 */
export class ObjectEnd {
  #depth = 0
  #isInString = false
  #isEscaped = false

  /** Whether the object is whole with this piece. */
  push(piece: string): boolean {
    let isWhole = false
    for (const character of piece) isWhole = this.#take(character) || isWhole
    return isWhole
  }

  #take(character: string): boolean {
    if (this.#isInString) return this.#takeInString(character)
    if (character === '"') this.#isInString = true
    else if (character === '{') this.#depth += 1
    else if (character === '}') this.#depth -= 1
    return character === '}' && this.#depth === 0
  }

  #takeInString(character: string): boolean {
    if (this.#isEscaped) this.#isEscaped = false
    else if (character === '\\') this.#isEscaped = true
    else if (character === '"') this.#isInString = false
    return false
  }
}
