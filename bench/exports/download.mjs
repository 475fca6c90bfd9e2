import { createHash } from 'node:crypto'
import Papa from 'papaparse'

const NEWLINE = 10

async function* linesOf(stream) {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop()
    yield* lines
  }
}

// A decimal with up to twelve places, which is a pico-dollar: an exact sum needs no floats.
function picoOf(text) {
  const [, sign, whole, part = ''] = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(text) ?? []
  if (whole === undefined) throw new Error(`not a cost: ${text}`)
  return BigInt(`${sign}${whole}${part.padEnd(12, '0')}`)
}

// Of these files no row has a line break in a cell.
async function csvCost(stream, column) {
  let [at, sum] = [undefined, 0n]
  for await (const line of linesOf(stream)) {
    const [cells] = Papa.parse(line.trimEnd()).data
    if (at === undefined) at = cells.indexOf(column)
    else if (column === 'cost_nano') sum += BigInt(cells[at]) * 1000n
    else sum += picoOf(cells[at])
  }
  return sum
}

async function jsonCost(stream) {
  let sum = 0n
  for await (const line of linesOf(stream)) {
    const text = line.replace(/,$/, '')
    if (text.startsWith('{')) sum += BigInt(JSON.parse(text).cost_nano) * 1000n
  }
  return sum
}

/** What the rows of a file cost by its own numbers, in nano-dollars, read without holding it. */
export async function costIn(url, { dataset = 'events', format = 'csv' }) {
  const { body } = await fetch(url)
  const column = dataset === 'focus' ? 'BilledCost' : 'cost_nano'
  const pico = format === 'csv' ? await csvCost(body, column) : await jsonCost(body)
  return Number(pico) / 1000
}

/** Counts and hashes a file without holding it. */
export async function fingerprint(url) {
  const hash = createHash('sha256')
  let [bytes, lines] = [0, 0]
  for await (const chunk of (await fetch(url)).body) {
    hash.update(chunk)
    bytes += chunk.length
    for (const byte of chunk) if (byte === NEWLINE) lines += 1
  }
  return { bytes, lines, sha256: hash.digest('hex') }
}
