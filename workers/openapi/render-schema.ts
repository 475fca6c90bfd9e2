import { html } from 'hono/html'
import type { JsonSchema } from './schema-of.ts'

type Html = ReturnType<typeof html>

const BOUNDS = ['minimum', 'exclusiveMinimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'default']

const variantsOf = (schema: JsonSchema) => (schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []) as JsonSchema[]
const nameOf = (ref: string) => ref.split('/').at(-1) ?? ref

/** What a value may be, in a few words: `string (date-time)`, `list of integer`, `"block" or "warn"`. */
export function typeOf(schema: JsonSchema): string {
  if (typeof schema.$ref === 'string') return nameOf(schema.$ref)
  if ('const' in schema) return JSON.stringify(schema.const)
  if (Array.isArray(schema.enum)) return schema.enum.map(one => JSON.stringify(one)).join(' or ')
  const variants = variantsOf(schema)
  if (variants.length > 0) return [...new Set(variants.map(typeOf))].join(' or ')
  if (schema.items) return `list of ${typeOf(schema.items as JsonSchema)}`
  const name = Array.isArray(schema.type) ? schema.type.join(' or ') : String(schema.type ?? 'any value')
  return schema.format ? `${name} (${schema.format})` : name
}

/** The bounds and the default of a value, in words: `maxLength 36, default 25`. */
export function boundsOf(schema: JsonSchema): string {
  const told = [schema, ...variantsOf(schema)].flatMap(one =>
    BOUNDS.filter(name => name in one).map(name => `${name} ${JSON.stringify(one[name])}`),
  )
  return [...new Set(told)].join(', ')
}

/** The objects in a schema: itself, those of its list, those it may be. */
function objectsIn(schema: JsonSchema): JsonSchema[] {
  if (schema.properties) return [schema]
  const inner = [...variantsOf(schema), schema.items, schema.additionalProperties]
  return inner.filter(one => typeof one === 'object' && one !== null).flatMap(one => objectsIn(one as JsonSchema))
}

function rowOf(name: string, schema: JsonSchema, isRequired: boolean) {
  const words = [isRequired ? 'required' : '', boundsOf(schema), schema.description ?? ''].filter(Boolean).join('; ')
  const inner = objectsIn(schema)
  const more = inner.length > 0 ? html`<details><summary>fields</summary>${inner.map(tableOf)}</details>` : ''
  return html`<tr><td><code>${name}</code></td><td>${typeOf(schema)}</td><td>${words}${more}</td></tr>`
}

function tableOf({ properties, required = [] }: JsonSchema): Html {
  const rows = Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) =>
    rowOf(name, schema, (required as string[]).includes(name)),
  )
  return html`<table>${rows}</table>`
}

/** A schema as a table of fields; what is in a field is shut until it is asked for. */
export function renderSchema(schema: JsonSchema): Html {
  const objects = objectsIn(schema)
  const heading = schema.properties ? '' : html`<p>${typeOf(schema)}</p>`
  return html`${heading}${objects.map(tableOf)}`
}
