import { plainNumber } from '../../contracts/lossless-json.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { plainJson } from './plain-json.ts'

/** A malformed field. `param` is its path in the request. */
export function invalid(param: string, why: string): GatewayError {
  return new GatewayError('request_invalid', `${param}: ${why}.`, { param })
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value)
}

/**
 * A JSON object of a request, read member by member. A member that is null was not given. Throws `request_invalid` with the
 * member's path (`messages[0].content`) where it has another type than was asked for.
 */
export class Fields {
  readonly path: string
  readonly #json: Json

  constructor(value: unknown, path = '') {
    if (!isObject(value)) throw invalid(path || 'body', 'must be an object')
    this.path = path
    this.#json = value
  }

  at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`
  }

  get(key: string): unknown {
    return Object.hasOwn(this.#json, key) ? (this.#json[key] ?? undefined) : undefined
  }

  /** Refuses, by its name, the first member that has a value and is not in `known`. */
  onlyKnown(known: readonly string[], why = 'no other wire has such a field'): void {
    const unknown = Object.keys(this.#json).find(key => this.get(key) !== undefined && !known.includes(key))
    if (unknown !== undefined) throw untranslatable(this.at(unknown), why)
  }

  text(key: string): string | undefined {
    const value = this.get(key)
    if (value === undefined || typeof value === 'string') return value
    throw invalid(this.at(key), 'must be a string')
  }

  needText(key: string): string {
    const value = this.text(key)
    if (!value) throw invalid(this.at(key), 'must be a string that is not empty')
    return value
  }

  flag(key: string): boolean | undefined {
    const value = this.get(key)
    if (value === undefined || typeof value === 'boolean') return value
    throw invalid(this.at(key), 'must be true or false')
  }

  number(key: string): number | undefined {
    const value = this.get(key)
    const number = plainNumber(value)
    if (value === undefined || Number.isFinite(number)) return number
    throw invalid(this.at(key), 'must be a number')
  }

  whole(key: string, least: number): number | undefined {
    const number = this.number(key)
    if (number === undefined || (Number.isSafeInteger(number) && number >= least)) return number
    throw invalid(this.at(key), `must be a whole number of at least ${least}`)
  }

  oneOf<const Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    const word = words.find(known => known === value)
    if (word === undefined) throw invalid(this.at(key), `must be one of ${words.join(', ')}`)
    return word
  }

  list(key: string): unknown[] | undefined {
    const value = this.get(key)
    if (value === undefined || Array.isArray(value)) return value
    throw invalid(this.at(key), 'must be a list')
  }

  /** The objects of a list; none where it was not given. */
  each(key: string): Fields[] {
    return (this.list(key) ?? []).map((item, i) => new Fields(item, `${this.at(key)}[${i}]`))
  }

  fields(key: string): Fields | undefined {
    const value = this.get(key)
    return value === undefined ? undefined : new Fields(value, this.at(key))
  }

  needFields(key: string): Fields {
    return new Fields(this.get(key), this.at(key))
  }

  /** An object as it stands, with plain numbers. */
  record(key: string): Json | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    if (!isObject(value)) throw invalid(this.at(key), 'must be an object')
    try {
      return plainJson(value) as Json
    } catch {
      throw invalid(this.at(key), 'is nested too deep')
    }
  }
}
