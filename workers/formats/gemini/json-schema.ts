import { asRecord } from '../as-record.ts'
import type { Json } from '../codec.ts'

type Schema = Record<string, unknown>

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
const ONE = ['items', 'additionalProperties', 'not']
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems']
const MAPS = ['properties', '$defs', 'definitions', 'patternProperties']
/** Whole numbers of 64 bits, which protobuf's JSON writes as strings. */
const COUNTS = ['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']
const SPELT: Record<string, string> = Object.fromEntries(
  ['anyOf', 'propertyOrdering', ...COUNTS].map(name => [name.replace(/[A-Z]/g, c => `_${c.toLowerCase()}`), name]),
)

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function inside(keyword: string, value: unknown): unknown {
  if (ONE.includes(keyword)) return jsonSchema(value)
  if (LISTS.includes(keyword) && Array.isArray(value)) return value.map(jsonSchema)
  if (MAPS.includes(keyword) && isSchema(value)) return eachOf(value)
  if (COUNTS.includes(keyword) && typeof value === 'string') return Number(value)
  return keyword === 'type' && typeof value === 'string' ? value.toLowerCase() : value
}

function eachOf(schemas: Schema): Schema {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, jsonSchema(schema)]))
}

function withNull(schema: Schema): Schema {
  const { type, anyOf } = schema
  if (typeof type === 'string') {
    const { enum: values } = schema
    return { ...schema, type: [type, 'null'], ...(Array.isArray(values) && { enum: [...values, null] }) }
  }
  return Array.isArray(anyOf) ? { ...schema, anyOf: [...anyOf, { type: 'null' }] } : schema
}

// The order of properties is the order they are written in; `propertyOrdering` says it where an object has none.
function inOrder(properties: Schema, order: unknown): Schema {
  if (!Array.isArray(order)) return properties
  const first = order.filter(name => typeof name === 'string' && Object.hasOwn(properties, name))
  return Object.fromEntries([...new Set([...first, ...Object.keys(properties)])].map(name => [name, properties[name]]))
}

function withoutOwnWords(schema: Schema): Schema {
  const { nullable, propertyOrdering, example, format, type, properties, ...rest } = schema
  return {
    ...(type !== undefined && type !== 'type_unspecified' && { type }),
    ...rest,
    ...(format !== undefined && format !== 'enum' && { format }),
    ...(example !== undefined && { examples: [example] }),
    ...(properties !== undefined && {
      properties: isSchema(properties) ? inOrder(properties, propertyOrdering) : properties,
    }),
  }
}

/**
 * JSON Schema from Gemini's own `Schema` (OpenAPI 3.0 with types in capitals), whose numbers are plain. Keywords that both
 * have, or that are JSON Schema already, stay.
 */
export function jsonSchema(schema: unknown): unknown {
  if (!isSchema(schema)) return schema
  const spelt = Object.entries(schema).map(([key, value]) => [SPELT[key] ?? key, value] as const)
  const read: Schema = Object.fromEntries(spelt.map(([key, value]) => [key, inside(key, value)]))
  const plain = withoutOwnWords(read)
  return read.nullable === true ? withNull(plain) : plain
}

const EMPTY_KEYWORDS = ['$schema', 'type', 'properties', 'required', 'additionalProperties']

/** Whether a schema of parameters has none: Gemini refuses an object without properties, and takes an absent schema. */
export function hasNoParameters(schema: Json): boolean {
  const isBare = Object.keys(schema).every(keyword => EMPTY_KEYWORDS.includes(keyword))
  return isBare && Object.keys(asRecord(schema.properties)).length === 0 && !schema.additionalProperties
}
