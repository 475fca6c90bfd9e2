import { asRecord } from '../../../formats/as-record.ts'
import { flattenSchema } from './flatten-schema.ts'
import { sampleNumber } from './sample-number.ts'
import { sampleString } from './sample-string.ts'

type Schema = Record<string, unknown>

/** Values made at most: a schema that requires itself has no end. */
const MAX_VALUES = 512

/** The type to answer with: the first that is not null, or what the keywords are for. */
function typeOf({ type, properties, items }: Schema): unknown {
  const named = Array.isArray(type) ? (type.find(name => name !== 'null') ?? 'null') : type
  if (named !== undefined) return named
  if (items !== undefined) return 'array'
  return Object.keys(asRecord(properties)).length > 0 ? 'object' : 'null'
}

class Sampler {
  #left = MAX_VALUES
  readonly #root: Schema

  constructor(root: Schema) {
    this.#root = root
  }

  sample(schema: unknown): unknown {
    this.#left -= 1
    if (this.#left < 0) return null
    const flat = flattenSchema(this.#root, asRecord(schema))
    if ('const' in flat) return flat.const
    if (Array.isArray(flat.enum) && flat.enum.length > 0) return flat.enum[0]
    return this.#ofType(flat)
  }

  #ofType(schema: Schema): unknown {
    const type = typeOf(schema)
    if (type === 'object') return this.#object(schema)
    if (type === 'array') return this.#array(schema)
    if (type === 'string') return sampleString(schema)
    if (type === 'number' || type === 'integer') return sampleNumber({ ...schema, type })
    return type === 'boolean' ? true : null
  }

  #object({ properties, required }: Schema): Schema {
    const names = Array.isArray(required) ? required.map(String) : []
    return Object.fromEntries(names.map(name => [name, this.sample(asRecord(properties)[name])]))
  }

  #array({ items, minItems }: Schema): unknown[] {
    const length = typeof minItems === 'number' ? minItems : 0
    const values: unknown[] = []
    while (values.length < length && this.#left > 0) values.push(this.sample(items))
    return values
  }
}

/**
 * The least value that a JSON schema accepts: required properties only, shortest lists. Looks at types, references,
 * choices and bounds; not at patterns and conditions.
 */
export function sampleJson(schema: Record<string, unknown>): unknown {
  return new Sampler(schema).sample(schema)
}
