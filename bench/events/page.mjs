const row = (...cells) => `| ${cells.join(' | ')} |`
const grouped = value => Math.round(value).toLocaleString('en-US')
const ms = value => value.toFixed(1)

const WRITTEN = ['loaded', 'rolledUp', 'late', 'rolledUpAgain']

const rowsPerEvent = fill => WRITTEN.reduce((sum, name) => sum + fill[name].rowsWritten, 0) / fill.events

function fillLines(fill) {
  const { events, loaded, rolledUp, late, rolledUpAgain } = fill
  return [
    row('events', grouped(events)),
    row('events a second through the consumer', grouped(loaded.events / loaded.seconds)),
    row('events a message', (loaded.events / loaded.messages).toFixed(1)),
    row('messages delivered again', loaded.again * 25),
    row('late and revised events, a second', grouped(late.events / late.seconds)),
    row('rows written for an event and its mark', ((loaded.rowsWritten + late.rowsWritten) / events).toFixed(3)),
    row('rows written for sums, per event', ((rolledUp.rowsWritten + rolledUpAgain.rowsWritten) / events).toFixed(3)),
    row('**rows written in all, per event**', `**${rowsPerEvent(fill).toFixed(3)}**`),
    row('seconds to sum all hours, and to write all days in columns', rolledUp.seconds.toFixed(1)),
  ]
}

function endpointLine(one) {
  const {
    name,
    sizes: [small, large],
  } = one
  const [p50s, p95s] = [`${ms(small.p50)} / ${ms(large.p50)}`, `${ms(small.p95)} / ${ms(large.p95)}`]
  return row(name, p50s, p95s, ratioOf(one).toFixed(2), `${grouped(small.rowsRead)} / ${grouped(large.rowsRead)}`)
}

const MAX_RATIO = 2
const MAX_ROWS = 2

const ratioOf = ({ sizes: [small, large] }) => large.p95 / small.p95

/** What went wrong: sums that differ. */
function flawsIn({ fills }) {
  return fills.flatMap(({ whileDirty, whenClean }) => [...whileDirty.flaws, ...whenClean.flaws])
}

function verdictOf({ fills, endpoints }) {
  const slow = endpoints.filter(one => ratioOf(one) >= MAX_RATIO)
  const worst = endpoints.toSorted((a, b) => ratioOf(b) - ratioOf(a))[0]
  const rows = rowsPerEvent(fills.at(-1))
  const times =
    slow.length === 0
      ? `All of ${endpoints.length} questions take less than ${MAX_RATIO} times as long with ten times the events: at most ${ratioOf(worst).toFixed(2)} times (${worst.name}).`
      : `${slow.length} of ${endpoints.length} questions take ${MAX_RATIO} times as long or more: ${slow.map(one => one.name).join(' / ')}.`
  const written = `${rows.toFixed(2)} rows are written for an event, of ${MAX_ROWS} that it may cost.`
  const medians = endpoints.map(({ name, sizes: [small, large] }) => ({ name, ratio: large.p50 / small.p50 }))
  const [most] = medians.toSorted((a, b) => b.ratio - a.ratio)
  const median = `That is of the 95th percentiles, of which a pause of the machine is a part; of the medians the most is ${most.ratio.toFixed(2)} times (${most.name}).`
  return [times, median, written]
}

function tables({ fills, endpoints }) {
  const [small, large] = fills.map(({ events }) => grouped(events))
  return [
    '## Ingestion',
    '',
    ...fills.flatMap(fill => [row('figure', grouped(fill.events)), row('---', '---:'), ...fillLines(fill), '']),
    '## Answers',
    '',
    `Each cell is at ${small} / at ${large} events, in milliseconds; the ratio is of the 95th percentiles.`,
    '',
    row('question', 'p50', 'p95', 'ratio', 'rows read'),
    row('---', '---:', '---:', '---:', '---:'),
    ...endpoints.map(endpointLine),
    '',
  ]
}

const NAMES = { 1000000: 'A million', 10000000: 'Ten million' }

const titleOf = events => `# ${NAMES[events] ?? grouped(events)} events

How fast usage events are taken in, what they cost D1 in rows, and how long the API takes to answer about them. The events are
generated and repeatable by their seed; they go through the product's own queue consumer into a local D1, are summed by
its own cron, and are asked about over HTTP. The numbers are of one machine with other work on it: compare the columns, not machines.`

const HOW = `## How it is done

- The Worker is the product's, bundled as for a deployment, with two doors more: one gives a batch of messages to its queue
  handler as the platform does, one fires its cron. Its D1 is wrapped to add up what D1 says it read and wrote.
- Tenants and keys are made over the API, so that the meters to which the consumer confirms are there. They never shipped these
  events: that they forget them is the one part of a real confirmation that does not happen.
- Messages are packed as a meter packs them: up to 100 rows or 40,000 characters of one key. One batch in 200 comes twice.
- Of the events, 1 % come after their hour was summed, and 1 % are charged at their hold first and revised afterwards.
- Every sum is held against one that is made from what was generated, event by event, for each tenant, twice: while the hours
  of late events are dirty, and when all are clean.
- What an answer reads of days in columns is bytes of R2, and no rows of D1: only its time tells of them.
- Both sizes are served beside each other and asked by turns. The tenant asked about has the most events.
- Ten times as many: \`npm run events -- --events 10000000\`. It wants about 14 GB under \`--state\`, and some three hours: questions while hours
  are dirty read events, and take ten times as long.`

/** The page, and what is wrong with the figures on it. */
export function pageOf(result) {
  const { command, date, machine, versions } = result.machine
  const broken = flawsIn(result)
  const groups = result.fills.reduce((sum, { whileDirty, whenClean }) => sum + whileDirty.groups + whenClean.groups, 0)
  const verdict =
    broken.length > 0
      ? `BROKEN: ${broken.length} of ${grouped(groups)} sums differ.`
      : `All of ${grouped(groups)} sums are what was generated, to the nano-dollar.`
  const made = `Made with \`${command}\` on ${date} UTC: ${machine}; ${Object.entries(versions)
    .map(one => one.join(' '))
    .join(', ')}.`
  const page = [
    titleOf(Number(result.setting.events)),
    '',
    verdict,
    '',
    ...verdictOf(result).flatMap(one => [one, '']),
    ...tables(result),
    HOW,
    '',
    made,
    '',
  ].join('\n')
  return { page, broken }
}
