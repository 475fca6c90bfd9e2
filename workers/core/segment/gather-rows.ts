import { MAX_ROWS } from './layout.ts'
import type { NumberColumn, SegmentColumns, TextColumn } from './segment-columns.ts'

/** How the numbers of rows that are put together become one. */
export type Put = 'sum' | 'min' | 'max'

/** What one event is: its texts, of which those that are absent are the empty one, and its numbers, in the order of the names. */
export type EventRow = { texts: ReadonlyMap<string, string>; numbers: readonly number[] }

type Growing = { list: string[]; codeOf: Map<string, number>; codes: Uint16Array }

/** Puts one number to another; `undefined` where a double would no longer tell the sum apart. */
export function putTogether(put: Put, a: number, b: number): number | undefined {
  if (put === 'sum') return Number.isSafeInteger(a + b) ? a + b : undefined
  return put === 'min' ? Math.min(a, b) : Math.max(a, b)
}

function narrowest(most: number) {
  if (most < 2 ** 8) return Uint8Array
  if (most < 2 ** 16) return Uint16Array
  return most < 2 ** 32 ? Uint32Array : Float64Array
}

/** Numbers, stored in as few bytes as tell them apart. */
export function numberColumn(name: string, values: Float64Array): NumberColumn {
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  if (values.length === 0 || least === most) return { kind: 'number', name, base: values[0] ?? 0, stored: undefined }
  // What is far apart is stored as it is: a double might not tell a difference of two of them apart.
  const base = most - least < 2 ** 32 ? least : 0
  const Values = least < base ? Float64Array : narrowest(most - base)
  return { kind: 'number', name, base, stored: new Values(values.map(value => value - base)) }
}

function textColumn(name: string, { list, codes }: Growing, rows: number): TextColumn {
  const all = codes.subarray(0, rows)
  if (list.length === 1) return { kind: 'text', name, list, codes: undefined }
  return { kind: 'text', name, list, codes: list.length <= 2 ** 8 ? Uint8Array.from(all) : all.slice() }
}

function grown<T extends Uint16Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}

/**
 * Rows of a segment in the making: events that have all texts, and the first number, in common become one row, unless a sum would be
 * more than a double tells apart. `names`: the texts that each segment has; other texts get a column where they come up.
 */
export class RowGatherer {
  readonly #texts = new Map<string, Growing>()
  readonly #numbers: { name: string; put: Put; values: Float64Array }[]
  readonly #rowOf = new Map<string, number>()
  readonly #maxRows: number
  #room = 256
  #rows = 0

  constructor(names: readonly string[], numbers: readonly { name: string; put: Put }[], maxRows = MAX_ROWS) {
    this.#maxRows = Math.min(maxRows, MAX_ROWS)
    for (const name of names) this.#texts.set(name, this.#newText())
    this.#numbers = numbers.map(one => ({ ...one, values: new Float64Array(this.#room) }))
  }

  get isEmpty(): boolean {
    return this.#rows === 0
  }

  get isFull(): boolean {
    return this.#rows >= this.#maxRows
  }

  /** How many columns of texts there are by now. */
  get textColumns(): number {
    return this.#texts.size
  }

  #newText(): Growing {
    return { list: [''], codeOf: new Map([['', 0]]), codes: new Uint16Array(this.#room) }
  }

  // Most days have few rows: room for all that there may be is made as they come.
  #grow(): void {
    this.#room *= 2
    for (const text of this.#texts.values()) text.codes = grown(text.codes, new Uint16Array(this.#room))
    for (const one of this.#numbers) one.values = grown(one.values, new Float64Array(this.#room))
  }

  #codeOf(text: Growing, value: string): number {
    const known = text.codeOf.get(value)
    if (known !== undefined) return known
    text.codeOf.set(value, text.list.length)
    return text.list.push(value) - 1
  }

  #isPut(row: number, numbers: readonly number[]): boolean {
    const put = this.#numbers.map((one, index) => putTogether(one.put, one.values[row] ?? 0, numbers[index] ?? 0))
    if (put.includes(undefined)) return false
    for (const [index, value] of put.entries()) {
      const one = this.#numbers[index]
      if (one && index > 0) one.values[row] = value ?? 0
    }
    return true
  }

  #append(codes: number[], numbers: readonly number[]): number {
    if (this.#rows === this.#room) this.#grow()
    const row = this.#rows++
    for (const [index, text] of [...this.#texts.values()].entries()) text.codes[row] = codes[index] ?? 0
    for (const [index, one] of this.#numbers.entries()) one.values[row] = numbers[index] ?? 0
    return row
  }

  /** Adds an event; not where it `isFull`. */
  add({ texts, numbers }: EventRow): void {
    for (const name of texts.keys()) if (!this.#texts.has(name)) this.#texts.set(name, this.#newText())
    const codes: number[] = []
    for (const [name, text] of this.#texts) codes.push(this.#codeOf(text, texts.get(name) ?? ''))
    const key = `${numbers[0]} ${codes.join(' ')}`
    const known = this.#rowOf.get(key)
    if (known === undefined || !this.#isPut(known, numbers)) this.#rowOf.set(key, this.#append(codes, numbers))
  }

  /** What was gathered: columns of numbers, then those of texts, in the order in which they were named. */
  columns(): SegmentColumns {
    const numbers = this.#numbers.map(({ name, values }) => numberColumn(name, values.subarray(0, this.#rows)))
    const texts = [...this.#texts].map(([name, text]) => textColumn(name, text, this.#rows))
    return { rows: this.#rows, columns: [...numbers, ...texts] }
  }
}
