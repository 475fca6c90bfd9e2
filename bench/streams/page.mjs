// The same lines for the terminal and for the page.
const row = (...cells) => `| ${cells.join(' | ')} |`
const ms = value => (Number.isFinite(value) ? `${value.toFixed(2)} ms` : 'none')
const both = (p50, p95) => `${ms(p50)} / ${ms(p95)}`

function lineOf([name, figures]) {
  const { rps, ratio, ratios, added, first50, first95, cpuMs } = figures
  const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
  const cells = [rps.toFixed(0), `${ratio.toFixed(2)} (${spread})`, both(first50, first95)]
  const more = [both(added.first50, added.first95), both(added.delay50, added.delay95)]
  return row(name, ...cells, ...more, ms(cpuMs))
}

const COLUMNS = [
  'subject',
  'streams a second',
  'beside the bare proxy',
  'first text, p50 / p95',
  'added to it',
  'added to a chunk',
  'CPU a stream',
]
const HEAD = [row(...COLUMNS), row(...COLUMNS.map((_, n) => (n === 0 ? '---' : '---:')))]

/** The figures at one pace and width. */
export function linesOf({ gapMs, streams, subjects }) {
  return [
    `## ${streams} stream${streams > 1 ? 's' : ''} at a time, a chunk every ${gapMs} ms`,
    '',
    ...HEAD,
    ...Object.entries(subjects).map(lineOf),
    '',
  ]
}

const NOTES = `## How to read it

- **What is sent.** A provider that sends 20 chunks of text at the pace that is named, then why it ends, its usage and its end: 23
  events, a chunk of HTTP each. A stream of 10 ms a chunk takes 0.2 s, so that no server can give more than about 1,270 of them a
  second to 256 connections; at 50 ms a chunk not more than 256. The faster pace asks what a processor can do, the slower one
  is nearer to what models do.
- **bare** is a Worker that does nothing but \`new Response(upstream.body)\`: the runtime passes the bytes on by itself, and no
  JavaScript runs for a chunk. **bare pump** is the least that a Worker can do which has to see what passes: a loop of one read
  and one write. Whoever reads usage from a stream, or can end it, pays as much; what is between it and **weir** is Weir's own.
- **weir** is Weir as \`npm start\` serves it: one key with a budget, below a team and a customer with one, state on a tmpfs,
  events shipped and stored meanwhile, in the same process and thread. The client asks for the usage. **usage left out**: it does not.
  **translated**: a client of Anthropic's wire.
- **First text** is from asking to the first chunk with text. A chunk says in its text when it was sent, so that **added to a
  chunk** is what it was under way for, beside the bare proxy. Added: the difference of a round's two figures; all figures are medians
  of rounds. Each round runs every subject once, in an order that is drawn.
- **CPU a stream** is what workerd computed, everything after the answer among it. It depends less than the rest on what else the
  machine does. Where a subject needs more than its processor gives, streams wait for it, and all times say so.
- Load, provider and subjects are processes of their own, and share the machine's cores.
`

/** docs/streams.md. */
export function pageOf(machine, results) {
  const { command, date, machine: name, versions } = machine
  const all = Object.entries(versions).map(([what, version]) => `${what} ${version}`)
  const head = [
    '# Streams: what Weir adds to them',
    '',
    'Made by `npm run streams -- --markdown docs/streams.md`; do not edit by hand.',
    '',
  ]
  const facts = [`- ${date} UTC, \`${command}\``, `- ${name}, shared with other work`, `- ${all.join(', ')}`, '']
  const parts = results.flatMap(linesOf)
  return [...head, ...facts, ...parts, NOTES].join('\n')
}
