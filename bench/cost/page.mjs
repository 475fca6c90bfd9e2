import { PRICES, PRICES_READ } from './prices.mjs'
import { TRAFFIC } from './traffic.mjs'

const dollars = usd => usd.toFixed(3)
const each = value => (value >= 10 ? value.toFixed(1) : value.toFixed(3))

/** One result, for the terminal. */
export function linesOf({ name, scopes, governed, counts, bill }) {
  const lines = bill.lines.map(line => {
    const { unit } = PRICES[line.name]
    return `  ${each(line.each).padStart(9)} ${unit.padEnd(30)} $${dollars(line.usd)}`
  })
  const calls = Object.entries(counts.byCall).map(([call, times]) => `${call} ${(times / governed).toFixed(3)}`)
  return [
    `${name}, ${scopes} limited scopes, ${governed} requests: $${dollars(bill.usd)} a million`,
    ...lines,
    `  calls a request: ${calls.join(', ')}`,
    `  log lines a request: ${(counts.logLines / governed).toFixed(2)} (billed where Workers Logs are on)`,
  ]
}

function tableOf(results) {
  const names = Object.keys(PRICES)
  const head = ['of a governed request', 'list price a million', ...results.map(({ scopes }) => `${scopes} scopes`)]
  const quantity = (result, name) => result.bill.lines.find(line => line.name === name)
  const rows = names.map(name => {
    const cells = results.map(result => {
      const line = quantity(result, name)
      return `${each(line.each)} = $${dollars(line.usd)}`
    })
    return [PRICES[name].unit, `$${PRICES[name].usd}`, ...cells]
  })
  const total = ['**a million requests**', '', ...results.map(({ bill }) => `**$${dollars(bill.usd)}**`)]
  const line = cells => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...[...rows, total].map(line)].join('\n')
}

function dominant(results) {
  const [first] = results
  const sorted = [...first.bill.lines].sort((a, b) => b.usd - a.usd)
  const share = line => `${PRICES[line.name].unit} ${Math.round((100 * line.usd) / first.bill.usd)} %`
  return sorted.slice(0, 3).map(share).join(', ')
}

function sectionOf(name, results) {
  const requests = results.map(({ governed }) => governed.toLocaleString('en-US')).join(', ')
  return `## ${name}: ${TRAFFIC[name].text}\n\n${tableOf(results)}\n\nCounted over ${requests} requests. What dominates: ${dominant(results)}.\n`
}

const HEAD = `# What governing costs

Made by \`npm run bench:cost -- --markdown docs/cost.md\`. Everything is counted in the runtime while the deployed Worker and its objects
govern requests: calls of objects and alarms, rows (each alarm that is set is one more), rows of D1, operations of the queue; also what
comes later, when events are forgotten, hours are stated, compared and rolled up. Two figures are bounds: CPU is all that workerd used,
with the D1, the queue and the network that it simulates; and an object is taken to be active while it works and for the
250 ms in which it gathers events to ship. In between it has no timer and may hibernate, which is not billed.`

const WHAT = `## What would halve it

Rows that objects write. A request that comes alone writes its hold, its event in the hold's place, the counters with each of the
two, and the removal of the row when D1 has it. One row for each commit, in slots that are used again, from which an object that
starts anew replays what came after its last document of counters, would leave two. Calls are two already, and the event's row in
D1 is what all analytics read.`

/** docs/cost.md. */
export function pageOf(machine, results) {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`)
  const sources = [...new Set(Object.values(PRICES).map(({ source }) => source))].map(source => `<${source}>`)
  const names = [...new Set(results.map(({ name }) => name))]
  return `${[
    HEAD,
    `- ${machine.date} UTC, ${machine.machine}\n- ${versions.join(', ')}\n- list prices beyond what the Workers Paid plan includes, read ${PRICES_READ}: ${sources.join(', ')}`,
    ...names.map(name =>
      sectionOf(
        name,
        results.filter(result => result.name === name),
      ),
    ),
    WHAT,
  ].join('\n\n')}\n`
}
