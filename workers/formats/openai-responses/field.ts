import { GatewayError } from '../../errors/gateway-error.ts'
import { asRecord } from '../as-record.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'

/** A value in a caller's request and where it is there, such as `input.0.role`. */
export type Field = { value: unknown; path: string }

/** The error for a field that is not what the wire says it is. */
export function malformed(field: Field, want: string): GatewayError {
  return new GatewayError('request_invalid', `${field.path}: must be ${want}.`, { param: field.path })
}

/** A member of an object, `undefined` where it has none. */
export function at(parent: Field, key: string): Field {
  const path = parent.path === '' ? key : `${parent.path}.${key}`
  const members = asRecord(parent.value)
  return { value: Object.hasOwn(members, key) ? members[key] : undefined, path }
}

/** What `read` makes of a field; `undefined` where it is absent or null. */
export function optional<T>(field: Field, read: (field: Field) => T): T | undefined {
  return field.value == null ? undefined : read(field)
}

/** A text. Throws `request_invalid`, as the other readers do. */
export function readText(field: Field): string {
  if (typeof field.value !== 'string') throw malformed(field, 'a text')
  return field.value
}

/** A finite number. */
export function readNumber(field: Field): number {
  if (typeof field.value !== 'number' || !Number.isFinite(field.value)) throw malformed(field, 'a number')
  return field.value
}

/** A whole number, not below zero. */
export function readWhole(field: Field): number {
  const number = readNumber(field)
  if (!Number.isSafeInteger(number) || number < 0) throw malformed(field, 'a whole number')
  return number
}

/** True or false. */
export function readBoolean(field: Field): boolean {
  if (typeof field.value !== 'boolean') throw malformed(field, 'true or false')
  return field.value
}

/** An object, no list. */
export function readObject(field: Field): Json {
  if (typeof field.value !== 'object' || field.value === null || Array.isArray(field.value))
    throw malformed(field, 'an object')
  return asRecord(field.value)
}

/** The fields of a list. */
export function readList(field: Field): Field[] {
  if (!Array.isArray(field.value)) throw malformed(field, 'a list')
  return field.value.map((value, index) => ({ value, path: `${field.path}.${index}` }))
}

/** One of these words. */
export function readWord<T extends string>(field: Field, words: readonly T[]): T {
  const word = words.find(each => each === field.value)
  if (word === undefined) throw malformed(field, `one of ${words.join(', ')}`)
  return word
}

/** Refuses by its name what an object says beside `known`, unless it says nothing. */
export function allowOnly(object: Field, known: readonly string[]): void {
  for (const [key, value] of Object.entries(readObject(object)))
    if (value != null && !known.includes(key)) throw untranslatable(at(object, key).path, 'no other wire has it')
}
