// What was generated, kept by column: the answers of the API are held against sums that are made from this.
import { CAST } from './cast.mjs'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const DIMENSIONS = Object.keys(CAST)

/** Room for so many events. */
export function openLedger(size) {
  const indexes = Object.fromEntries(DIMENSIONS.map(name => [name, new Int16Array(size)]))
  return {
    ...{ size: 0, indexes, tenant: new Uint8Array(size), atMs: new Float64Array(size), success: new Uint8Array(size) },
    ...{ tokens: new Float64Array(size), costNano: new Float64Array(size) },
  }
}

/** Writes an event down, as it is in the end: the last revision of one that is revised. */
export function writeDown(ledger, { tenant, atMs, picked, event }) {
  const row = ledger.size++
  for (const name of DIMENSIONS) ledger.indexes[name][row] = picked[name]
  ledger.tenant[row] = tenant
  ledger.atMs[row] = atMs
  ledger.success[row] = event.success ? 1 : 0
  ledger.tokens[row] = event.input_tokens + event.output_tokens
  ledger.costNano[row] = event.cost_nano
}

const nameAt = (ledger, name, row) => {
  const index = ledger.indexes[name][row]
  return index < 0 ? null : CAST[name].names[index]
}
const part = (ledger, row, index) => nameAt(ledger, 'model', row).split(/\/(.*)/)[index]

/** What an event can be told apart by, under the names of the API; `null` where it has none. */
export const FIELDS = {
  day: (ledger, row) => new Date(Math.floor(ledger.atMs[row] / DAY_MS) * DAY_MS).toISOString().slice(0, 10),
  hour: (ledger, row) => new Date(Math.floor(ledger.atMs[row] / HOUR_MS) * HOUR_MS).toISOString().replace('.000Z', 'Z'),
  provider: (ledger, row) => part(ledger, row, 0),
  model: (ledger, row) => part(ledger, row, 1),
  agent: (ledger, row) => nameAt(ledger, 'agent_name', row),
  user: (ledger, row) => nameAt(ledger, 'user_id', row),
  entity: (ledger, row) => nameAt(ledger, 'entity', row),
  entity_type: (ledger, row) => nameAt(ledger, 'entity', row)?.split('/')[0] ?? null,
  team: (ledger, row) => nameAt(ledger, 'team', row),
  feature: (ledger, row) => nameAt(ledger, 'feature', row),
  virtual_key: (ledger, row) => nameAt(ledger, 'key', row),
}

function isWanted(ledger, row, { tenant, startMs, endMs, filter = {} }) {
  if (ledger.tenant[row] !== tenant || ledger.atMs[row] < startMs || ledger.atMs[row] >= endMs) return false
  return Object.entries(filter).every(([name, value]) => FIELDS[name](ledger, row) === value)
}

/** Sums of a tenant's events in `[startMs, endMs)` that have all of `filter`, by a field: counted one by one. */
export function sumBy(ledger, query) {
  const sums = new Map()
  for (let row = 0; row < ledger.size; row++) {
    if (!isWanted(ledger, row, query)) continue
    const name = FIELDS[query.by](ledger, row)
    const sum = sums.get(name) ?? { events: 0, tokens: 0, costNano: 0 }
    sum.events += 1
    sum.tokens += ledger.tokens[row]
    sum.costNano += ledger.costNano[row]
    sums.set(name, sum)
  }
  return sums
}
