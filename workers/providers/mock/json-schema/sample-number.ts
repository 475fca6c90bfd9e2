type Schema = Record<string, unknown>

function bound(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

function lowest(schema: Schema): number {
  return Math.max(bound(schema.minimum, -Infinity), bound(schema.exclusiveMinimum, -Infinity))
}

function highest(schema: Schema): number {
  return Math.min(bound(schema.maximum, Infinity), bound(schema.exclusiveMaximum, Infinity))
}

/** A multiple of `step` that the schema's bounds allow. */
function onGrid(schema: Schema, step: number): number {
  const low = Math.ceil(lowest(schema) / step) * step
  if (Number.isFinite(low)) return low === schema.exclusiveMinimum ? low + step : low
  const high = Math.floor(highest(schema) / step) * step
  if (Number.isFinite(high)) return high === schema.exclusiveMaximum ? high - step : high
  return step
}

function offGrid(schema: Schema): number {
  const low = lowest(schema)
  const high = highest(schema)
  if (Number.isFinite(low) && Number.isFinite(high)) return (low + high) / 2
  if (Number.isFinite(low)) return low + 1
  return Number.isFinite(high) ? high - 1 : 1
}

/** A number that a schema of type `number` or `integer` accepts, where there is one within its bounds. */
export function sampleNumber(schema: Schema): number {
  const { type, multipleOf } = schema
  if (typeof multipleOf === 'number' && multipleOf > 0) return onGrid(schema, multipleOf)
  return type === 'integer' ? onGrid(schema, 1) : offGrid(schema)
}
