// The same lines for the terminal and for the page.
const row = (...cells) => `| ${cells.join(' | ')} |`
const ms = value => `${value.toFixed(2)} ms`
const both = (p50, p95) => `${ms(p50)} / ${ms(p95)}`

function lineOf([name, figures]) {
  const { rps, ratio, ratios, added, first50, first95 } = figures
  const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
  const cells = [rps.toFixed(0), `${ratio.toFixed(2)} (${spread})`, both(first50, first95)]
  return row(name, ...cells, both(added.first50, added.first95), both(added.delay50, added.delay95))
}

const HEAD = [
  row(
    'subject',
    'streams a second',
    'beside the bare proxy',
    'first text, p50 / p95',
    'added to it',
    'added to a chunk',
  ),
  row('---', '---:', '---:', '---:', '---:', '---:'),
]

/** The figures at one width. */
export function linesOf(streams, results) {
  return [
    `## ${streams} stream${streams > 1 ? 's' : ''} at a time`,
    '',
    ...HEAD,
    ...Object.entries(results).map(lineOf),
    '',
  ]
}

const NOTES = `## How to read it
`

/** docs/streams.md. */
export function pageOf(machine, results) {
  const { command, date, machine: name, versions } = machine
  const all = Object.entries(versions).map(([what, version]) => `${what} ${version}`)
  const head = ['# Streams: what Weir adds to them', '', 'Made by `npm run streams`; do not edit by hand.', '']
  const facts = [`- ${date} UTC, \`${command}\``, `- ${name}, shared with other work`, `- ${all.join(', ')}`, '']
  const parts = Object.entries(results).flatMap(([streams, part]) => linesOf(streams, part))
  return [...head, ...facts, ...parts, NOTES].join('\n')
}
