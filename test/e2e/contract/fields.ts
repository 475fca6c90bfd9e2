import { describe, it } from 'vitest'
import {
  CUSTOMERS,
  call,
  DAILY,
  GOVERNANCE,
  MODELS,
  make,
  name,
  newKey,
  PRICES,
  RULES,
  TEAMS,
  VKS,
  weir,
} from './server.ts'

// Every field of every body that the OpenAPI document has under /api/governance, given a value of another type.

type Schema = {
  $ref?: string
  type?: string | string[]
  anyOf?: Schema[]
  const?: unknown
  properties?: Record<string, Schema>
  items?: Schema
  additionalProperties?: Schema | boolean
}
type Operation = { requestBody?: { content: Record<string, { schema: Schema }> } }
type Document = { paths: Record<string, Record<string, Operation>>; components?: { schemas?: Record<string, Schema> } }
type Field = { path: string[]; body: unknown }

const OTHERS: [type: string, value: unknown][] = [
  ...([
    ['number', 5.5],
    ['string', 'x'],
    ['boolean', true],
    ['object', {}],
    ['array', []],
  ] as [string, unknown][]),
]

function branchesOf(schema: Schema): Schema[] {
  return (schema.anyOf ?? [schema]).flatMap(one => (one.anyOf ? branchesOf(one) : [one]))
}

function typesOf(schema: Schema): string[] {
  return branchesOf(schema).flatMap(({ type = [], const: only }) =>
    [type, only === undefined ? [] : typeof only].flat(),
  )
}

function wrongFor(schema: Schema): unknown[] {
  const types = typesOf(schema).map(type => (type === 'integer' ? 'number' : type))
  const others = OTHERS.filter(([type]) => !types.includes(type)).map(([, value]) => value)
  return others.slice(0, 1)
}

function fieldsOf(schema: Schema, at: (value: unknown) => unknown, path: string[] = []): Field[] {
  return branchesOf(schema).flatMap(({ properties = {}, items }) => [
    ...Object.entries(properties).flatMap(([field, inner]) => {
      const within = (value: unknown) => at({ [field]: value })
      const own = [...path, field]
      return [...wrongFor(inner).map(value => ({ path: own, body: within(value) })), ...fieldsOf(inner, within, own)]
    }),
    ...(items ? fieldsOf(items, value => at([value]), [...path, '0']) : []),
  ])
}

const ARRAYS = [[], [5], 'x', 5, null, true]

/** One of each, to be changed. */
async function paths(): Promise<Record<string, string>> {
  const key = await newKey({ budgets: [DAILY] })
  const price = { scope_kind: 'global', match_type: 'exact', pattern: name(), request_types: ['embedding'] }
  return {
    [`${VKS}/{id}`]: `${VKS}/${key.id}`,
    [`${VKS}/{id}/budgets/{budget_id}/override`]: `${VKS}/${key.id}/budgets/${key.budget.id}/override`,
    [`${TEAMS}/{id}`]: `${TEAMS}/${(await make(TEAMS, 'team')).id}`,
    [`${CUSTOMERS}/{id}`]: `${CUSTOMERS}/${(await make(CUSTOMERS, 'customer')).id}`,
    [`${MODELS}/{id}`]: `${MODELS}/${(await make(MODELS, 'model_config', { model_name: name() })).id}`,
    [`${RULES}/{id}`]: `${RULES}/${(await make(RULES, 'rule', { provider: 'openai', priority: 1e6, enabled: false })).id}`,
    [`${PRICES}/{id}`]: `${PRICES}/${(await make(PRICES, 'pricing_override', price)).id}`,
    [`${GOVERNANCE}/providers/{name}`]: `${GOVERNANCE}/providers/openai`,
  }
}

/** A body that is to be refused, and the field in it that is wrong; none where the body is no object. */
type Trial = { method: string; path: string; field: string; body: unknown }

function trialsOf(method: string, path: string, schema: Schema): Trial[] {
  const wrong = fieldsOf(schema, value => value).map(({ path: steps, body }) => ({
    field: steps.filter(step => step !== '0').join('.'),
    body,
  }))
  return [...wrong, ...ARRAYS.map(body => ({ field: '', body }))].map(one => ({ method, path, ...one }))
}

async function allTrials(): Promise<Trial[]> {
  const document = (await (await fetch(`${weir().baseUrl}/openapi.json`)).json()) as Document
  const existing = await paths()
  const schemaOf = ({ requestBody }: Operation): Schema | undefined => {
    const told = requestBody && Object.values(requestBody.content)[0]?.schema
    return told?.$ref ? document.components?.schemas?.[told.$ref.split('/').at(-1) ?? ''] : told
  }
  // What the complexity analyzer's fields are refused by is its own.
  const isGoverned = (template: string) => template.startsWith(`${GOVERNANCE}/`) && !template.includes('/complexity')
  const governed = Object.entries(document.paths).filter(([template]) => isGoverned(template))
  return governed.flatMap(([template, operations]) =>
    Object.entries(operations).flatMap(([method, operation]) => {
      const schema = schemaOf(operation)
      return schema ? trialsOf(method.toUpperCase(), existing[template] ?? template, schema) : []
    }),
  )
}

/** As the contract tells a wrong type, or by its name where the field is Weir's own. */
function isTold(message: string, field: string): boolean {
  const named = message.replaceAll(/\.\d+(?=\.)/g, '')
  return (
    message === 'Invalid JSON' ||
    (field !== '' &&
      (message === 'Invalid patch' || named.startsWith(field) || named.startsWith(`${field.split('.')[0]} must be {`)))
  )
}

async function outcomeOf({ method, path, field, body }: Trial) {
  const { status, body: told } = await call(method, path, body)
  const message = String(told.error?.message)
  return status === 400 && isTold(message, field) ? [] : [{ method, path, body, status, message }]
}

describe('every field of every body (1.0)', () => {
  it('is refused where its type is another one, and so is a body that is no object', async ({ expect }) => {
    const trials = await allTrials()
    expect(trials.filter(({ path }) => path.includes('{'))).toEqual([])
    expect(new Set(trials.map(({ method, path }) => `${method} ${path}`)).size).toBeGreaterThan(13)
    expect(trials.length).toBeGreaterThan(200)
    const wrong: Awaited<ReturnType<typeof outcomeOf>> = []
    for (let from = 0; from < trials.length; from += 20) {
      wrong.push(...(await Promise.all(trials.slice(from, from + 20).map(outcomeOf))).flat())
    }
    expect(wrong).toEqual([])
  }, 120_000)
})
