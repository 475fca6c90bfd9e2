import { inspect } from 'node:util'
import { MODELS } from '../../support/vendors/index.mjs'
import { CASES, LEAVING } from './cases.ts'
import type { Client, ClientKind } from './client.ts'
import { CLIENTS } from './index.ts'

/** Whom the clients are led to. The mock is inside of Weir; the others are scripted. */
export const PROVIDERS = [
  'openai',
  'anthropic',
  'google',
  'azure',
  'vertex',
  'vertex-anthropic',
  'bedrock',
  'cohere',
  'mock',
] as const
const STATUSES = ['401', '429', '500'] as const
const COLUMNS = [...Object.keys(CASES), 'abort', ...STATUSES]

/** One cell of the matrix. `result`: `ok`, `refused: FIELD`, or what was wrong. */
export type Cell = {
  client: string
  provider: (typeof PROVIDERS)[number]
  column: string
  tag: string
  result: string
}

/** Where a matrix is run. */
export type Place = { baseUrl: string; apiKey: string }

/** Every pair of a client and a provider with everything that it does, not run yet. */
export function allCells(): Cell[] {
  return Object.keys(CLIENTS).flatMap((client, row) =>
    PROVIDERS.flatMap(provider =>
      COLUMNS.map((column, index) => ({
        client,
        provider,
        column,
        tag: `cell-${row}.${provider}.${index}`,
        result: '',
      })),
    ),
  )
}

function deep(value: unknown): string {
  return inspect(value, { depth: 8, maxStringLength: 10_000, breakLength: Number.POSITIVE_INFINITY })
}

/** The field that Weir refused to translate, where that is what was thrown; every library keeps the body somewhere. */
function refusedField(thrown: unknown): string | undefined {
  const told = deep(thrown).replaceAll('\\', '')
  if (!told.includes('untranslatable')) return undefined
  return /["']?param["']?: ?["']([^"']+)["']/.exec(told)?.[1]
}

function modelOf({ provider, column }: Cell): string {
  if (provider !== 'mock') return `${provider}/${MODELS[provider]}`
  const { mock } = CASES[column] ?? (column === 'abort' ? LEAVING : { mock: `error-${column}` })
  return `mock/${mock}`
}

async function runCase({ provider, column, tag }: Cell, client: Client): Promise<string> {
  const one = CASES[column]
  if (!one) throw new Error(`no case ${column}`)
  const prompt = `[${tag}] ${one.prompt}`
  const got = await one.run(client, prompt)
  const wanted = provider === 'mock' ? one.echo(prompt, got) : one.vendor(prompt)
  return deep(got) === deep(wanted) ? 'ok' : `WRONG: ${deep(got)}`
}

type Status = (typeof STATUSES)[number]

// In the class that the library has for it, by its name or that of its maker.
async function runError(status: Status, kind: ClientKind, asked: Promise<unknown>): Promise<string> {
  const thrown = await asked.then(
    got => new Error(`no error: ${deep(got)}`),
    (error: Error & { status?: number; statusCode?: number }) => error,
  )
  const seen = 'status' in thrown ? thrown.status : 'statusCode' in thrown ? thrown.statusCode : undefined
  const isItsOwn = [thrown.name, thrown.constructor.name].includes(kind.errors[status])
  return isItsOwn && seen === Number(status) ? 'ok' : `WRONG: ${deep(thrown)}`
}

function isStatus(column: string): column is Status {
  return STATUSES.some(status => status === column)
}

async function runClient(cell: Cell, kind: ClientKind, client: Client): Promise<string> {
  const { column, tag } = cell
  if (isStatus(column)) return runError(column, kind, client.chat(`[${tag}] Please fail ${column}.`))
  if (column !== 'abort') return runCase(cell, client)
  await client.abort(`[${tag}] ${LEAVING.prompt}`)
  return 'ok'
}

/** Runs a cell, and says what came of it. */
export async function runCell(cell: Cell, { baseUrl, apiKey }: Place): Promise<string> {
  const kind = CLIENTS[cell.client]
  if (!kind) throw new Error(`no client ${cell.client}`)
  try {
    return await runClient(cell, kind, kind.make({ baseUrl, apiKey, model: modelOf(cell), tag: cell.tag }))
  } catch (thrown) {
    const field = refusedField(thrown)
    return field ? `refused: ${field}` : `WRONG: ${deep(thrown)}`.slice(0, 600)
  }
}

/** Runs all cells, a few at a time. */
export async function runCells(cells: Cell[], place: Place, atOnce = 6): Promise<void> {
  const waiting = [...cells]
  const work = async () => {
    for (let cell = waiting.shift(); cell; cell = waiting.shift()) cell.result = await runCell(cell, place)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}
