import { z } from 'zod'

/** A JSON Schema of the draft that OpenAPI 3.1 takes. */
export type JsonSchema = Record<string, unknown>

// The pattern that says what `format` says, and the bound of every whole number of JavaScript, tell a reader nothing.
function shorten({ jsonSchema: schema }: { jsonSchema: JsonSchema }): void {
  if (schema.format === 'date-time' || schema.format === 'uuid') delete schema.pattern
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
}

/** The JSON Schema of what a shape takes (`input`) or what it tells (`output`). */
export function schemaOf(shape: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any', override: shorten })
  return schema
}
