// The results as a page of docs.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { COLUMNS, rowsOf } from './report.mjs'
import { SCENARIOS } from './scenarios/index.mjs'

// Aligned as the repository's formatter wants it.
function tableOf(results) {
  const titles = COLUMNS.map(([title]) => title)
  const rows = rowsOf(results).map(cells => titles.map((_, index) => cells[index] ?? ''))
  const widths = titles.map((_, index) => Math.max(3, ...[titles, ...rows].map(cells => cells[index].length)))
  const pad = (cell, index) => (index === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[index]))
  const marks = widths.map((width, index) => (index === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [titles.map(pad), marks, ...rows.map(cells => cells.map(pad))]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')
}

function notesOf(results) {
  const isNoted = ({ figures }) => figures?.notes.length > 0
  const notes = results
    .filter(isNoted)
    .flatMap(({ number, name, figures }) => figures.notes.map(note => `- ${number}, ${name}: ${note}.`))
  const broken = results.filter(row => row.broken.length > 0)
  const promises = broken.map(
    ({ number, title, name, broken: of }) => `- **${number} ${title}: ${name}: ${of.join(', ')}**`,
  )
  return [...notes, ...promises].join('\n')
}

function scenariosOf(results) {
  const ran = new Set(results.map(({ number }) => number))
  return SCENARIOS.filter(({ number }) => ran.has(number))
    .map(({ number, title, what }) => `${number}. **${title}**: ${what}`)
    .join('\n')
}

function findingsOf({ isOurs }) {
  return isOurs ? `\n${readFileSync(join(import.meta.dirname, 'findings.md'), 'utf8').trim()}\n` : ''
}

const READING = `## How to read it

The counting upstream prices what it really generated: OpenAI's list prices of gpt-4o-mini, in whole nano-dollars, a
token a word. It bills until it is done or notices that its caller has hung up. **200**: answered with that status.
**refused**: by the budget. **failed**: neither, because the client hung up first, the upstream failed or the gateway was
killed.

- **overspend**: \`max(0, true - limit) / limit\`.
- **lost**: what was billed and not booked, request by request, of the true cost. One request's surplus hides no other's loss.
- **phantom**: what was booked and not billed, where the provider said what it billed.
- **guessed**: booked less billed, of the true cost of the case, over requests whose cost the provider never said, or never
  said in the end (Weir marks their events \`estimated\` or \`assumed\`). Nobody can make this zero; above zero is too much
  charged, below is too little and counts as lost too.
- **false refusals**: refused although what was left, by the refusal's own numbers, was enough; or although it was enough
  even if each request in flight held as much as this one (where all requests of a case are alike). \`-\`: the gateway does
  not say why it refused.
- **avoidable**: refused although they would have fitted even if all in flight came to cost their most. Reckoned from outside
  by the upstream's own tokens, in the same way for every gateway. It is the price of a hold that is larger than what a
  request can truly cost, and of what is still held for a moment after its end.
- **unspent**: the part of the limit that was not spent. Only scenario 11 tries to spend it all.

After each case a request that no budget could cover is sent: its refusal says what is still held, which must be nothing;
and the key's counter must be the sum of its events. A case that fails this is listed as broken; so is overspend or loss
where the upstream says what it bills, and a loss anywhere that the books show as exact.`

const REPEAT = `## How to repeat it

    node bench/overspend/run.mjs --markdown docs/overspend.md

starts Weir on a state of its own and needs nothing else. It ends with code 1 if anything is broken. Any other gateway that
speaks OpenAI's chat completions can be measured by the same program: \`node bench/overspend/run.mjs --help\` says how to set
it up. What its books say is then shown as \`-\`; the rest is what the client and the upstream saw.`

/** The page of a run. */
export function pageOf(machine, results) {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`)
  const notes = notesOf(results)
  return `# Overspend: how the budgets hold

Made by \`bench/overspend/run.mjs\`; do not edit by hand.

- ${machine.subject}, ${machine.date} UTC
- ${machine.machine}, shared with other work
- ${versions.join(', ')}
- seed ${machine.seed}, scale ${machine.scale}

${tableOf(results)}

${notes}
${findingsOf(machine)}
${READING}

${REPEAT}

## The scenarios

${scenariosOf(results)}
`
}
