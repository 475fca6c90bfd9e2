const row = (...cells) => `| ${cells.join(' | ')} |`
const mb = bytes => `${(bytes / 1e6).toFixed(1)} MB`
const inMb = value => `${value.toFixed(1)} MB`
const said = (isSo, good, bad) => (isSo ? good : `**${bad}**`)

const COLUMNS = [
  ...['export', 'events', 'rows', 'file', 'heap, at most', 'buffers, at most', 'looks'],
  ...['cost of its rows', 'killed half-way'],
]

function lineOf(one) {
  return row(
    ...[one.name, one.events.toLocaleString('en'), one.rows.toLocaleString('en'), mb(one.file.bytes)],
    ...[inMb(one.heapMb), inMb(one.buffersMb), one.looks],
    said(one.isWhole, "the ledger's", 'ANOTHER'),
    said(one.isSame, `after ${one.left?.events.toLocaleString('en')} events: the same bytes`, 'OTHER BYTES'),
  )
}

function controlOf({ events, survivesHolding }) {
  const what = `${events.toLocaleString('en')} rows of 300 bytes in an array`
  return `- ${what}: ${survivesHolding ? 'it lives on' : 'V8 ends the process'}.`
}

const NOTES = `## How to read it

- A server that is really started, with a database, R2 and a Worker as \`npm start\` has them. V8's \`--max-heap-size\` is set for
  every isolate, that of the simulated database and of the simulated R2 among them; the inspector of the one that Weir runs in
  collects its garbage twice a second and says what is left. **Heap** is what the script holds, the script itself (some 19 MB)
  included; **buffers** are the bytes of its array buffers, which V8 keeps outside of the heap and Cloudflare counts. An
  export holds one part of 8 MiB, what R2 is being given, and a page of a thousand rows.
- **The cost of its rows** is added up, exactly, from the numbers in the file, and compared with what was written into the database.
- **Killed half-way**: the same export once more; after half the time of the first, node and workerd get SIGKILL in the middle of
  whatever they do, and are started again. The lease of the runner that died is ended by hand, where one would wait for three
  minutes. The file's SHA-256 is that of the export that nobody killed.
- Simulated R2 and D1 are not Cloudflare's. What they hold is not in these numbers, which are of the Worker alone.
`

/** docs/exports-memory.md. */
export function pageOf({ command, date, machine, versions }, { heapMb, results }) {
  const all = Object.entries(versions).map(([what, version]) => `${what} ${version}`)
  return [
    ...['# Exports: how much memory they take', ''],
    ...[`Made by \`${command} --markdown docs/exports-memory.md\`; do not edit by hand.`, ''],
    ...[`- ${date} UTC`, `- ${machine}, shared with other work`, `- ${all.join(', ')}`, ''],
    ...[`Each isolate may have ${heapMb} MB of heap.`, ''],
    ...[row(...COLUMNS), row(...COLUMNS.map((_, n) => (n === 0 ? '---' : '---:')))],
    ...results.flatMap(({ kinds }) => kinds.map(lineOf)),
    ...[
      '',
      'That the limit bites: what becomes of the same isolate that is made to keep what an export only passes on.',
      '',
    ],
    ...results.map(controlOf),
    ...['', NOTES],
  ].join('\n')
}
