// What was generated, kept by column: the answers of the API are held against sums that are made from this.
import { CAST } from './cast.mjs'
import { FIELDS } from './fields.mjs'

const DIMENSIONS = Object.keys(CAST)
const NUMBERS = ['atMs', 'success', 'tokens', 'costNano', 'inputCostNano', 'outputCostNano']

/** Room for so many events. */
export function openLedger(size) {
  const indexes = DIMENSIONS.map(name => [name, new Int16Array(size)])
  const numbers = NUMBERS.map(name => [name, new Float64Array(size)])
  return {
    ...{ size: 0, tenant: new Uint8Array(size), sums: new Map() },
    ...{ indexes: Object.fromEntries(indexes), ...Object.fromEntries(numbers) },
  }
}

// Whole nano-dollars of each line, as unit economics count them; what rounding leaves is of neither.
function lineNano({ cost_detail }, wanted) {
  const [, quantity = 0, pico = 0] = cost_detail?.lines.find(([unit]) => unit === wanted) ?? []
  return Math.floor((quantity * pico) / 1000)
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
  ledger.inputCostNano[row] = lineNano(event, 'input')
  ledger.outputCostNano[row] = lineNano(event, 'output')
}

function add(sum, ledger, row) {
  sum.events += 1
  sum.successes += ledger.success[row]
  sum.tokens += ledger.tokens[row]
  sum.costNano += ledger.costNano[row]
  sum.inputCostNano += ledger.inputCostNano[row]
  sum.outputCostNano += ledger.outputCostNano[row]
  sum.firstMs = Math.min(sum.firstMs, ledger.atMs[row])
  sum.lastMs = Math.max(sum.lastMs, ledger.atMs[row])
}

const nothing = () => ({
  ...{ events: 0, successes: 0, tokens: 0, costNano: 0, inputCostNano: 0, outputCostNano: 0 },
  ...{ firstMs: Number.POSITIVE_INFINITY, lastMs: 0 },
})

/** The name of a group, which is of all its values, `null` where events have none. */
export const groupName = values => JSON.stringify(values)

function named(groups, fields) {
  const valuesOf = code => fields.map(({ name, place, size }) => name(Math.floor(code / place) % size))
  return new Map([...groups].map(([code, sum]) => [groupName(valuesOf(code)), sum]))
}

// One number for all values of a group: each field has its place in it.
function placed(by) {
  let place = 1
  return by.map(name => {
    const field = { ...FIELDS[name], place }
    place *= field.size
    return field
  })
}

function count(ledger, { tenant, startMs, endMs, filter, by }) {
  // A sum of everything is there, also of nothing.
  const groups = new Map(by.length === 0 ? [[0, nothing()]] : [])
  const fields = placed(by)
  const wanted = Object.entries(filter).map(([name, value]) => [FIELDS[name], FIELDS[name].codeOfName(value)])
  for (let row = 0; row < ledger.size; row++) {
    if (ledger.tenant[row] !== tenant || ledger.atMs[row] < startMs || ledger.atMs[row] >= endMs) continue
    if (wanted.some(([field, code]) => field.code(ledger, row) !== code)) continue
    let code = 0
    for (const field of fields) code += field.code(ledger, row) * field.place
    if (!groups.has(code)) groups.set(code, nothing())
    add(groups.get(code), ledger, row)
  }
  return named(groups, fields)
}

/** Sums of a tenant's events in `[startMs, endMs)` that have all of `filter`, by fields: counted one by one, once for each question. */
export function sumBy(ledger, { tenant, startMs, endMs, filter = {}, by }) {
  const question = { tenant, startMs, endMs, filter, by }
  const name = JSON.stringify(question)
  if (!ledger.sums.has(name)) ledger.sums.set(name, count(ledger, question))
  return ledger.sums.get(name)
}
