import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import { untranslatable } from '../untranslatable.ts'
import { invalid } from './invalid.ts'

type Sent = { key: string; value: unknown }

// The wire is protobuf's JSON, which reads `max_output_tokens` and `maxOutputTokens` alike.
function camelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && plainNumber(value) === undefined
}

/** Deeper than any real schema or arguments; what is deeper would break the stack of whoever reads it. */
const MAX_DEPTH = 100

function isDeeper(value: unknown, than: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return than === 0 || Object.values(value).some(one => isDeeper(one, than - 1))
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0)
}

/**
 * One message of a request, read by its fields' camelCase names. `null` and empty lists read as absent. Throws
 * `request_invalid` where a value has another type than is asked for.
 */
export class Fields {
  /** Its path in the request; '' for the request itself. */
  readonly at: string
  readonly #sent: Map<string, Sent>

  constructor(value: unknown, at: string) {
    if (!isObject(value)) throw invalid(at, 'must be an object')
    const sent = Object.entries(value).filter(([, one]) => !isAbsent(one))
    this.at = at
    this.#sent = new Map(sent.map(([key, one]) => [camelCase(key), { key, value: one }]))
  }

  /** The path of a field, as the caller spelt it. */
  path(name: string): string {
    const key = this.#sent.get(name)?.key ?? name
    return this.at === '' ? key : `${this.at}.${key}`
  }

  get(name: string): unknown {
    return this.#sent.get(name)?.value
  }

  has(name: string): boolean {
    return this.#sent.has(name)
  }

  text(name: string): string | undefined {
    const value = this.get(name)
    if (value === undefined || typeof value === 'string') return value
    throw invalid(this.path(name), 'must be a string')
  }

  /** A text that must be there. */
  need(name: string): string {
    const value = this.text(name)
    if (value === undefined) throw invalid(this.path(name), 'is required')
    return value
  }

  flag(name: string): boolean | undefined {
    const value = this.get(name)
    if (value === undefined || typeof value === 'boolean') return value
    throw invalid(this.path(name), 'must be true or false')
  }

  number(name: string): number | undefined {
    const value = plainNumber(this.get(name))
    if (Number.isFinite(value) || !this.has(name)) return value
    throw invalid(this.path(name), 'must be a number')
  }

  whole(name: string): number | undefined {
    const value = this.number(name)
    if (value === undefined || Number.isSafeInteger(value)) return value
    throw invalid(this.path(name), 'must be a whole number')
  }

  /** An object of any fields; empty where it is absent. */
  record(name: string): Record<string, unknown> {
    const value = this.get(name)
    if (value === undefined) return {}
    if (!isObject(value)) throw invalid(this.path(name), 'must be an object')
    if (isDeeper(value, MAX_DEPTH)) throw invalid(this.path(name), `must not be nested deeper than ${MAX_DEPTH}`)
    return asRecord(value)
  }

  child(name: string): Fields | undefined {
    return this.has(name) ? new Fields(this.get(name), this.path(name)) : undefined
  }

  /** A list of messages. A single one may stand for a list, as in Google's own examples. */
  children(name: string): Fields[] {
    const value = this.get(name)
    if (Array.isArray(value)) return value.map((one, index) => new Fields(one, `${this.path(name)}.${index}`))
    return value === undefined ? [] : [new Fields(value, this.path(name))]
  }

  texts(name: string): string[] | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    if (Array.isArray(value) && value.every(one => typeof one === 'string')) return value
    throw invalid(this.path(name), 'must be a list of strings')
  }

  /** Refuses, by its name, any field but these. */
  refuseOthers(known: readonly string[]): void {
    for (const name of this.#sent.keys()) {
      if (!known.includes(name)) throw untranslatable(this.path(name), 'only Gemini itself understands this')
    }
  }
}
