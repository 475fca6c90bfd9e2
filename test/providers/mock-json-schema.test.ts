import { describe, it } from 'vitest'
import { sampleJson } from '../../workers/providers/mock/json-schema/sample-json.ts'

const CASES: { schema: Record<string, unknown>; value: unknown }[] = [
  { schema: { type: 'string' }, value: 'text' },
  { schema: { type: 'string', minLength: 6 }, value: 'texttt' },
  { schema: { type: 'string', maxLength: 2 }, value: 'te' },
  { schema: { type: 'string', format: 'date' }, value: '2026-01-01' },
  { schema: { type: ['null', 'boolean'] }, value: true },
  { schema: { type: 'null' }, value: null },
  { schema: {}, value: null },
  { schema: { const: 0 }, value: 0 },
  { schema: { enum: ['b', 'a'] }, value: 'b' },
  { schema: { type: 'integer' }, value: 1 },
  { schema: { type: 'integer', minimum: 7.5 }, value: 8 },
  { schema: { type: 'integer', exclusiveMinimum: 7 }, value: 8 },
  { schema: { type: 'integer', maximum: -2 }, value: -2 },
  { schema: { type: 'integer', exclusiveMaximum: -2 }, value: -3 },
  { schema: { type: 'integer', minimum: 3, multipleOf: 5 }, value: 5 },
  { schema: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, value: 0.5 },
  { schema: { type: 'number', minimum: 3 }, value: 4 },
  { schema: { type: 'number', maximum: 3 }, value: 2 },
  { schema: { type: 'array', items: { type: 'integer' } }, value: [] },
  { schema: { type: 'array', items: { type: 'integer' }, minItems: 2 }, value: [1, 1] },
  { schema: { properties: { a: {}, b: {} }, required: ['b'] }, value: { b: null } },
  { schema: { anyOf: [{ type: 'boolean' }, { type: 'null' }] }, value: true },
  {
    schema: {
      properties: { a: { type: 'boolean' } },
      required: ['a'],
      allOf: [{ properties: { b: { const: 1 } }, required: ['b'] }],
    },
    value: { a: true, b: 1 },
  },
  { schema: { $ref: '#/$defs/a~1b', $defs: { 'a/b': { const: 'there' } } }, value: 'there' },
  { schema: { $ref: 'https://example.com/schema' }, value: null },
]

describe('a sample of a JSON schema', () => {
  it.for(CASES)('of $schema is $value', ({ schema, value }, { expect }) => {
    expect(sampleJson(schema)).toEqual(value)
  })

  it.for([
    { $ref: '#' },
    { allOf: [{ $ref: '#' }] },
    { properties: { a: { $ref: '#' }, b: { $ref: '#' } }, required: ['a', 'b'] },
    { type: 'array', minItems: 1e9, items: { $ref: '#' } },
    { type: 'string', minLength: 1e9 },
    { type: 'integer', multipleOf: 0 },
  ])('of %j comes to an end', (schema, { expect }) => {
    expect(JSON.stringify(sampleJson(schema)).length).toBeLessThan(10_000)
  })
})
