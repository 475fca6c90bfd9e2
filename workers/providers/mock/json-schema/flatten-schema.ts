import { asRecord } from '../../../formats/as-record.ts'

type Schema = Record<string, unknown>

/** A chain of references longer than this goes in a circle. */
const MAX_STEPS = 32

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function merged(one: Schema, other: Schema): Schema {
  const properties = { ...asRecord(one.properties), ...asRecord(other.properties) }
  const required = [...list(one.required), ...list(other.required)]
  return { ...one, ...other, properties, required }
}

/** The place a reference within the document names (RFC 6901); an empty schema for any other reference. */
function resolve(root: Schema, ref: unknown): Schema {
  if (typeof ref !== 'string' || !ref.startsWith('#')) return {}
  const steps = ref.slice(1).split('/').slice(1)
  const names = steps.map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return asRecord(names.reduce<unknown>((at, name) => asRecord(at)[name], root))
}

function flattenOnce(root: Schema, { $ref, allOf, anyOf, oneOf, ...own }: Schema): Schema {
  const referred = $ref === undefined ? [] : [resolve(root, $ref)]
  const parts = [...referred, ...list(allOf), list(anyOf)[0], list(oneOf)[0]]
  return parts.map(asRecord).reduce(merged, own)
}

/** A schema without references and choices: what `$ref` and `allOf` say is in it, and the first of `anyOf` and `oneOf`. */
export function flattenSchema(root: Schema, schema: Schema): Schema {
  const isNested = (at: Schema) => ['$ref', 'allOf', 'anyOf', 'oneOf'].some(name => name in at)
  let flat = schema
  for (let step = 0; step < MAX_STEPS && isNested(flat); step += 1) flat = flattenOnce(root, flat)
  return flat
}
