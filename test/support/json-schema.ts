import fc from 'fast-check'

/** The part of JSON Schema that the document uses. A keyword that is not here throws, so that none is passed over. */
export type Schema = {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  propertyNames?: Schema
  items?: Schema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
}

const KNOWN = new Set([
  ...['$ref', 'type', 'enum', 'const', 'anyOf', 'allOf', 'properties', 'required', 'additionalProperties'],
  ...['propertyNames', 'items', 'minItems', 'maxItems', 'minLength', 'maxLength', 'pattern', 'minimum', 'maximum'],
  ...['exclusiveMinimum', 'format', 'description', 'default'],
])

/** Where `$ref` of a document leads. */
export type Defs = Record<string, Schema>

const TYPES: Record<string, (value: unknown) => boolean> = {
  string: value => typeof value === 'string',
  number: value => typeof value === 'number',
  integer: value => Number.isInteger(value),
  boolean: value => typeof value === 'boolean',
  null: value => value === null,
  array: Array.isArray,
  object: value => typeof value === 'object' && value !== null && !Array.isArray(value),
}

function resolved(schema: Schema, defs: Defs): Schema {
  const unknown = Object.keys(schema).find(name => !KNOWN.has(name))
  if (unknown) throw new Error(`the checker does not know ${unknown}`)
  if (!schema.$ref) return schema
  const found = defs[schema.$ref.replace('#/components/schemas/', '')]
  if (!found) throw new Error(`${schema.$ref} leads nowhere`)
  return found
}

function textFlaw(value: string, { minLength = 0, maxLength = Infinity, pattern }: Schema): boolean {
  return (
    value.length < minLength ||
    value.length > maxLength ||
    (pattern !== undefined && !new RegExp(pattern, 'u').test(value))
  )
}

function numberFlaw(value: number, { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity }: Schema) {
  return value < minimum || value > maximum || value <= exclusiveMinimum
}

function listFlaws(value: unknown[], schema: Schema, { defs, at }: { defs: Defs; at: string }): string[] {
  const { minItems = 0, maxItems = Infinity, items = {} } = schema
  const size = value.length < minItems || value.length > maxItems ? [`${at} has ${value.length} items`] : []
  return [...size, ...value.flatMap((item, index) => flawsOf(item, items, { defs, at: `${at}[${index}]` }))]
}

function objectFlaws(
  value: Record<string, unknown>,
  schema: Schema,
  { defs, at }: { defs: Defs; at: string },
): string[] {
  const { properties = {}, required = [], additionalProperties: others = true } = schema
  const missing = required.filter(name => !(name in value)).map(name => `${at}.${name} is missing`)
  const inside = Object.entries(value).flatMap(([name, item]) => {
    const known = properties[name] ?? others
    if (known === true) return []
    return known === false ? [`${at}.${name} is not declared`] : flawsOf(item, known, { defs, at: `${at}.${name}` })
  })
  return [...missing, ...inside]
}

function typesOf({ type }: Schema): string[] {
  return type === undefined ? [] : [type].flat()
}

function kindFlaw(value: unknown, schema: Schema, at: string): string | undefined {
  const types = typesOf(schema)
  if (schema.enum && !schema.enum.includes(value)) return `${at} is not one of ${schema.enum}`
  if ('const' in schema && schema.const !== value) return `${at} is not ${schema.const}`
  if (types.length === 0 || types.some(type => TYPES[type]?.(value))) return undefined
  return `${at} is no ${types.join(' or ')}: ${JSON.stringify(value)}`
}

function insideFlaws(value: unknown, schema: Schema, here: { defs: Defs; at: string }): string[] {
  const { at } = here
  if (typeof value === 'string' && textFlaw(value, schema)) return [`${at} is not such a text: ${value}`]
  if (typeof value === 'number' && numberFlaw(value, schema)) return [`${at} is out of range: ${value}`]
  if (Array.isArray(value)) return listFlaws(value, schema, here)
  if (typeof value !== 'object' || value === null) return []
  return objectFlaws(value as Record<string, unknown>, schema, here)
}

/** What is wrong with a value by a schema; nothing where it is what the schema says. */
export function flawsOf(
  value: unknown,
  given: Schema,
  { defs = {}, at = '$' }: { defs?: Defs; at?: string } = {},
): string[] {
  const schema = resolved(given, defs)
  const here = { defs, at }
  if (schema.anyOf && !schema.anyOf.some(one => flawsOf(value, one, here).length === 0)) return [`${at} matches none`]
  const flaw = kindFlaw(value, schema, at)
  if (flaw) return [flaw]
  return [...(schema.allOf ?? []).flatMap(one => flawsOf(value, one, here)), ...insideFlaws(value, schema, here)]
}

function texts({ pattern, minLength = 0, maxLength = 20 }: Schema): fc.Arbitrary<unknown> {
  if (pattern) return fc.stringMatching(new RegExp(pattern, 'u'))
  const plain = fc.string({ minLength, maxLength: Math.min(maxLength, minLength + 20) })
  return fc.oneof(
    plain,
    fc.constantFrom('1h', '1d', 'user:u', 'tenant:x', 'openai', '*').filter(one => one.length <= maxLength),
  )
}

function objects({ properties = {}, required = [] }: Schema): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, valuesOf(one)]))
  return fc.record(fields, { requiredKeys: required })
}

const MAKERS: Record<string, (schema: Schema) => fc.Arbitrary<unknown>> = {
  string: texts,
  number: ({ minimum = -10, maximum = 1000 }) => fc.double({ min: minimum, max: maximum, noNaN: true }),
  integer: ({ minimum = -5, maximum = 1000 }) =>
    fc.integer({ min: Math.max(minimum, -1000), max: Math.min(maximum, 2_000_000) }),
  boolean: () => fc.boolean(),
  null: () => fc.constant(null),
  array: ({ items = {}, minItems = 0, maxItems = 3 }) =>
    fc.array(valuesOf(items), { minLength: minItems, maxLength: Math.min(maxItems, 3) }),
  object: objects,
}

/** Values that a schema takes; any JSON where it says nothing. */
export function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(valuesOf))
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if ('const' in schema) return fc.constant(schema.const)
  const makers = typesOf(schema).flatMap(type => MAKERS[type]?.(schema) ?? [])
  return makers.length > 0 ? fc.oneof(...makers) : fc.jsonValue()
}

/** Values of which at least one part is not what the schema takes: one member is any JSON, or the whole is. */
export function strayValuesOf(schema: Schema): fc.Arbitrary<unknown> {
  const names = Object.keys(schema.properties ?? {})
  if (names.length === 0) return fc.jsonValue()
  const one = fc
    .tuple(valuesOf(schema), fc.constantFrom(...names), fc.jsonValue())
    .map(([value, name, stray]) => ({ ...(value as object), [name]: stray }))
  return fc.oneof({ weight: 3, arbitrary: one }, { weight: 1, arbitrary: fc.jsonValue() })
}
