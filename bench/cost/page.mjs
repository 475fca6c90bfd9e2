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
time in which it gathers events to ship: 10 ms for one that comes alone, else 250. In between it has no timer and may hibernate,
which is not billed. Fixed costs of a key (a table for ten minutes of its requests, an hour's statement) are spread over what one run asks, which is
less than a busy day does.`

// A line's share that a request would no longer cause, were `left` of its quantity left.
function saved({ bill }, name, left = 0) {
  const { each: quantity, usd } = bill.lines.find(line => line.name === name)
  return quantity === 0 ? 0 : (usd * Math.max(0, quantity - left)) / quantity
}

// So many messages a request are left where a key's events wait for ten seconds; each is confirmed by one call.
const FEW_MESSAGES = 0.2

function waited(result) {
  const { queueOperations, objectRequests } = Object.fromEntries(result.bill.lines.map(line => [line.name, line]))
  const fewer = Math.max(0, queueOperations.each / 3 - FEW_MESSAGES)
  const calls = (objectRequests.usd * fewer) / objectRequests.each
  return saved(result, 'queueOperations', 3 * FEW_MESSAGES) + calls
}

/** What each would take off a million requests, in dollars, by the figures of a run; and what it would give up. */
const LEVERS = [
  {
    text: 'holds in memory alone: one row a request less',
    price: 'no overspend: a crash forgets what was sent',
    usd: result =>
      saved(result, 'objectRowsWritten', result.bill.lines.find(one => one.name === 'objectRowsWritten').each - 1),
  },
  { text: 'no event row in D1', price: 'analytics of today', usd: result => saved(result, 'd1RowsWritten') },
  {
    text: 'events that wait ten seconds for others of their key',
    price: 'figures that are current to the second',
    usd: waited,
  },
]

function leversOf(results) {
  const line = cells => `| ${cells.join(' | ')} |`
  const head = ['what could be instead', ...results.map(({ name, scopes }) => `${name}, ${scopes}`), 'what it gives up']
  const rows = LEVERS.map(({ text, price, usd }) => [text, ...results.map(one => `-$${dollars(usd(one))}`), price])
  const all = ['**all three**', ...results.map(one => percentLeft(one)), '']
  return [line(head), line(head.map(() => '---')), ...[...rows, all].map(line)].join('\n')
}

function percentLeft(result) {
  const less = LEVERS.reduce((sum, { usd }) => sum + usd(result), 0)
  return `**${Math.round((100 * (result.bill.usd - less)) / result.bill.usd)} % are left**`
}

const WHAT = `## What would halve it

Nothing that keeps every promise: of a request there is a hold, its event in the hold's place, and that event in D1, one row each, and
two calls. By the figures above, in dollars a million requests:`

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
    `${WHAT}\n\n${leversOf(results.filter(({ scopes }) => scopes === 3))}`,
  ].join('\n\n')}\n`
}
