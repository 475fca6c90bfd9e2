import { plainNumber } from '../../contracts/lossless-json.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'

/** What is malformed, by the path of its field. */
export function invalid(param: string, why: string): GatewayError {
  return new GatewayError('request_invalid', `${param}: ${why}.`, { param })
}

/** Whether a value is a JSON object, and neither a list nor a kept number. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value)
}

/** A text, or `request_invalid`. */
export function readText(value: unknown, param: string): string {
  if (typeof value !== 'string') throw invalid(param, 'must be a string')
  return value
}

/** A finite number, however it is spelled, or `request_invalid`. */
export function readNumber(value: unknown, param: string): number {
  const number = plainNumber(value)
  if (number === undefined || !Number.isFinite(number)) throw invalid(param, 'must be a number')
  return number
}

/** A whole number, 0 or more, or `request_invalid`. */
export function readWhole(value: unknown, param: string): number {
  const number = readNumber(value, param)
  if (!Number.isSafeInteger(number) || number < 0) throw invalid(param, 'must be a whole number, 0 or more')
  return number
}

/** True or false, or `request_invalid`. */
export function readFlag(value: unknown, param: string): boolean {
  if (typeof value !== 'boolean') throw invalid(param, 'must be true or false')
  return value
}

/** A list, each item read with its own path, or `request_invalid`. */
export function readList<T>(value: unknown, param: string, read: (item: unknown, param: string) => T): T[] {
  if (!Array.isArray(value)) throw invalid(param, 'must be a list')
  return value.map((item, index) => read(item, `${param}.${index}`))
}

/** An object, or `request_invalid`. */
export function readObject(value: unknown, param: string): Json {
  if (!isObject(value)) throw invalid(param, 'must be an object')
  return value
}

/** The same reader for what may be absent or null, which is `undefined`. */
export function optional<T>(
  read: (value: unknown, param: string) => T,
): (value: unknown, param: string) => T | undefined {
  return (value, param) => (value === undefined || value === null ? undefined : read(value, param))
}

/** Refuses by its name every member that is not among `known`, unless it says nothing. */
export function refuseOthers(members: Json, known: readonly string[], path = ''): void {
  const other = Object.keys(members).find(
    key => !known.includes(key) && members[key] !== undefined && members[key] !== null,
  )
  if (other !== undefined) throw untranslatable(path ? `${path}.${other}` : other, 'no other wire has such a field')
}
