// Real clients with every provider, through a Weir that is really started. Vendors are scripted; each speaks its own wire,
// refuses what is not of it, and bills.
import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { nanoOf } from '../support/price.mjs'
import { billedBy, MODELS, startVendors } from '../support/vendors/index.mjs'
import { startWeir } from '../support/weir-server.mjs'
import { allCells, type Cell, PROVIDERS, runCells } from './clients/run-cell.ts'

/** The cells that are refused, by row and column; all others are ok. */
const REFUSED: Record<string, Record<string, string>> = {
  // It asks for a structured answer by a tool, one call at most; Gemini cannot be held to that.
  '@ai-sdk/anthropic -> google': { json: 'refused: parallel_tool_calls' },
  '@ai-sdk/anthropic -> vertex': { json: 'refused: parallel_tool_calls' },
  // And so it is with Cohere. Of Claude on Bedrock it knows that an answer's shape can be asked for.
  '@ai-sdk/anthropic -> cohere': { json: 'refused: parallel_tool_calls' },
  // Cohere tells its plan before it calls tools, which is a thought. Unless told `store: false`, this client sends no thought
  // back, but names it, as OpenAI would have kept it.
  '@ai-sdk/openai -> cohere': { tool: 'refused: input.1.type', 'tools, streamed': 'refused: input.1.type' },
}

type Row = Record<string, string>
type Event = { request_id: string; provider: string; cost_nano: number; held_nano: number } & Record<string, unknown>

let vendors: Awaited<ReturnType<typeof startVendors>>
let weir: Awaited<ReturnType<typeof startWeir>>
let key: { id: string; value: string }
let cells: Cell[]
let events: Map<string, Event[]>

/** What reached the vendor for a cell; `undefined` of the mock, which nobody can look into. */
function callsOf({ provider, tag }: Cell) {
  return provider === 'mock' ? undefined : vendors.vendors[provider].callsOf(tag)
}

// A round that is refused in its second half has been answered in its first.
function wantedEvents(cell: Cell): number {
  // A door whose proof can be renewed is tried once more; it is one attempt all the same.
  if (cell.column === '401') return 1
  const calls = callsOf(cell)
  if (calls) return calls.length
  return cell.result.startsWith('refused') ? 0 : cell.column.startsWith('tool') ? 2 : 1
}

/** Refused before anything was sent. */
function isRefusedAtOnce({ column, result }: Cell): boolean {
  return result.startsWith('refused') && !column.startsWith('tool')
}

function eventsOf({ tag }: Cell): Event[] {
  return events.get(tag) ?? []
}

// Listed when all are there: pages shift while events arrive.
async function collectEvents(): Promise<Map<string, Event[]>> {
  const wanted = cells.reduce((sum, cell) => sum + wantedEvents(cell), 0)
  const query = `virtual_key_id=${key.id}&limit=1`
  const list = () => weir.admin.call('GET', `/v1/events?${query}`)
  await until(list, ({ pagination }) => pagination.total >= wanted, 30_000)
  const all: Event[] = await weir.admin.listEvents({ virtual_key_id: key.id })
  return Map.groupBy(all, event => event.request_id)
}

beforeAll(async () => {
  vendors = await startVendors()
  // A client that has left is not waited for long: the vendor must notice.
  weir = await startWeir({ upstreamUrl: vendors.env.OPENAI_BASE_URL, env: { ...vendors.env, DRAIN_MS: '200' } })
  const provider_configs = PROVIDERS.map(provider => ({ provider, allowed_models: ['*'], key_ids: ['*'] }))
  key = await weir.admin.createKey({ budgetUsd: 1000, provider_configs })
  cells = allCells()
  await runCells(cells, { baseUrl: weir.baseUrl, apiKey: key.value })
  events = await collectEvents()
})

afterAll(async () => {
  await weir?.dispose()
  await vendors?.stop()
})

/** A row a client and provider, a column a thing that it does. */
function tableOf(found: Cell[]): Record<string, Row> {
  const rows = Map.groupBy(found, ({ client, provider }) => `${client} -> ${provider}`)
  return Object.fromEntries(
    [...rows].map(([row, all]) => [row, Object.fromEntries(all.map(({ column, result }) => [column, result]))]),
  )
}

/** The table as text, its columns one below the other. */
function printed(table: Record<string, Row>): string {
  const [first = {}] = Object.values(table)
  const lines = [
    ['', ...Object.keys(first)],
    ...Object.entries(table).map(([name, row]) => [name, ...Object.values(row)]),
  ]
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)))
  return lines.map(line => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n')
}

function expectedTable(): Record<string, Row> {
  const rows = tableOf(cells.map(cell => ({ ...cell, result: 'ok' })))
  return Object.fromEntries(Object.entries(rows).map(([row, columns]) => [row, { ...columns, ...REFUSED[row] }]))
}

function isError({ column }: Cell): boolean {
  return /^\d{3}$/.test(column)
}

/** Whole answers and streams that were read to their end. */
function answered(): Cell[] {
  return cells.filter(cell => cell.result === 'ok' && !isError(cell) && cell.column !== 'abort')
}

function sumOf(cell: Cell, field: string): number {
  return eventsOf(cell).reduce((sum, event) => sum + Number(event[field]), 0)
}

/** What the vendor says it has billed, in the words of our events. */
function billed(cell: Cell) {
  const calls = callsOf(cell) ?? []
  const sum = (field: string) => calls.reduce((total, { usage }) => total + usage[field], 0)
  const counts = { input_tokens: sum('input'), output_tokens: sum('output'), cached_input_tokens: sum('cached') }
  return { ...counts, reasoning_tokens: sum('thought'), cost_nano: billedBy(cell.provider, calls) }
}

function recorded(cell: Cell): Record<string, number> {
  return Object.fromEntries(Object.keys(billed(cell)).map(field => [field, sumOf(cell, field)]))
}

describe('every client with every provider', () => {
  it('gets what it asked for, in its own classes, or a refusal that names the field', ({ expect }) => {
    // biome-ignore lint/suspicious/noConsole: the matrix is for people to look at.
    console.log(printed(tableOf(cells)))
    expect(tableOf(cells)).toEqual(expectedTable())
  })

  it('sends each vendor nothing that is not of its wire', ({ expect }) => {
    const all = Object.values(vendors.vendors).flatMap(({ calls }) => calls)
    expect(all.length).toBeGreaterThan(cells.length / 2)
    expect(all.filter(({ refused }) => refused).map(({ tag, refused }) => `${tag}: ${refused}`)).toEqual([])
  })

  it('makes one event of each call, and none of a refusal', ({ expect }) => {
    const counts = (count: (cell: Cell) => number) => cells.map(cell => `${cell.tag} ${count(cell)}`)
    expect(counts(cell => eventsOf(cell).length)).toEqual(counts(wantedEvents))
    expect(cells.filter(isRefusedAtOnce).flatMap(eventsOf)).toEqual([])
    expect(
      answered()
        .filter(cell => cell.column.startsWith('tool'))
        .every(cell => wantedEvents(cell) === 2),
    ).toBe(true)
  })

  it('lists models by names that can be asked for, among them those that were', async ({ expect }) => {
    const listed = await fetch(`${weir.baseUrl}/v1/models`, { headers: { authorization: `Bearer ${key.value}` } })
    const { data } = (await listed.json()) as { data: { id: string }[] }
    const ids = data.map(({ id }) => id)
    for (const [provider, model] of Object.entries({ bedrock: MODELS.bedrock, cohere: 'command-a' }))
      expect(ids).toContain(`${provider}/${model}`)
    expect(ids.filter(id => id.includes('regional.'))).toEqual([])
  })

  it('records the usage and the cost that the vendor billed', ({ expect }) => {
    const told = answered().filter(({ provider }) => provider !== 'mock')
    expect(told.length).toBeGreaterThan(100)
    const inRows = (of: (cell: Cell) => Record<string, number>) => told.map(cell => ({ cell: cell.tag, ...of(cell) }))
    expect(inRows(recorded)).toEqual(inRows(billed))
    expect(told.flatMap(eventsOf).filter(({ outcome, success }) => outcome !== 'ok' || success !== true)).toEqual([])
  })

  it('charges nothing for an error of the vendor, and records its status', ({ expect }) => {
    const seen = cells.filter(isError).flatMap(cell => eventsOf(cell).map(event => ({ cell, event })))
    expect(seen.length).toBe(cells.filter(isError).length)
    for (const { cell, event } of seen)
      expect(event).toMatchObject({ cost_nano: 0, outcome: 'provider_error', status: Number(cell.column) })
  })

  it('counts what was generated for a client that left, and tells the vendor', ({ expect }) => {
    const left = cells.filter(({ column }) => column === 'abort')
    for (const cell of left) {
      const [event] = eventsOf(cell)
      expect(event).toMatchObject({ outcome: 'estimated', success: false })
      expect(event?.cost_nano).toBeGreaterThan(0)
      expect(event?.cost_nano).toBeLessThanOrEqual(event?.held_nano ?? 0)
      for (const call of callsOf(cell) ?? []) expect(call.isAborted, cell.tag).toBe(true)
    }
  })

  it('charges nothing twice: the budget has been used by the sum of the events, and nothing is held', async ({
    expect,
  }) => {
    const spent = [...events.values()].flat().reduce((sum, { cost_nano }) => sum + cost_nano, 0)
    const { budgets } = await weir.admin.getKey(key.id)
    expect(nanoOf(budgets[0].current_usage)).toBe(spent)
    const bills = PROVIDERS.filter(provider => provider !== 'mock').map(provider => {
      const done = answered().filter(cell => cell.provider === provider)
      return {
        vendor: billedBy(
          provider,
          done.flatMap(cell => callsOf(cell) ?? []),
        ),
        weir: done.reduce((sum, cell) => sum + sumOf(cell, 'cost_nano'), 0),
      }
    })
    for (const bill of bills) expect(bill.weir).toBe(bill.vendor)
  })
})
