// docs/scale.md, made of the JSON of a run; its tables are also what the terminal shows.
import { numberOf, shown, tableOf } from '../gateways/markdown.mjs'
import { AXES } from './axes.mjs'
import { COUNTED } from './measure.mjs'

const WORDS = {
  objectCalls: 'calls of objects',
  objectRowsWritten: 'object rows written',
  objectRowsRead: 'object rows read',
  d1RowsWritten: 'D1 rows written',
  d1RowsRead: 'D1 rows read',
  queueMessages: 'queue messages',
  alarmsSet: 'alarms set',
}
const HEAD = [...COUNTED.map(name => WORDS[name]), 'CPU ms', 'p50 ms', 'memory, MB']

function rowOf({ value, figures }) {
  const { counts, cpuMs, p50Ms, rssBytes } = figures
  const counted = COUNTED.map(name => numberOf(counts[name]?.median))
  const memory = rssBytes && numberOf(rssBytes.median / 2 ** 20)
  return [value.toLocaleString('en-US'), ...counted, shown(cpuMs), shown(p50Ms), memory ?? '-']
}

/** The table of one axis, a line a case. */
export function axisTable({ name, results }) {
  return tableOf([name, ...HEAD], results.map(rowOf))
}

const READING = `## How to read it

Each case is a Worker of its own with the counted bindings of \`npm run bench:cost\`, on state of its own, whose figures are of one
governed request: all that was counted until nothing more was done for it, divided by the requests. What comes later (the tidying
up, the roll-up) is in [what governing costs](../bench/cost) and not here. **CPU** is all that workerd used, with the D1, the
queue and the network that it simulates, and the counting itself, which is the same in all cases. **p50** is of one connection and an upstream that answers at
once. **±** is the distance within which another run on the same machine should find the figure. In the case of many keys each request is
another key's, whose object may have been asleep.`

function quietLine({ force, axes }) {
  const loaded = axes.flatMap(({ results }) => results.flatMap(({ rounds }) => rounds)).filter(({ busy }) => busy > 0)
  if (loaded.length === 0) return '- the machine did nothing else'
  const kept = force
    ? 'their timings are kept, by `--force`'
    : 'their timings are left out (`-`), and only counts are kept'
  return `- **something else used the machine in ${loaded.length} rounds**: ${kept}`
}

/** The page of a run. */
export function pageOf(run) {
  const { machine, settings, axes } = run
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`)
  const sections = axes.flatMap(axis => ['', `## ${axis.name}: ${AXES[axis.name].text}`, '', ...axisTable(axis)])
  return `${[
    '# Scale: how each figure grows',
    '',
    'Made by `npm run bench:scale -- --markdown docs/scale.md`; do not edit by hand.',
    '',
    `- ${machine.date} UTC, \`${machine.command}\``,
    `- ${machine.machine}; ${versions.join(', ')}`,
    `- ${settings.rounds} rounds of ${settings.requests} requests in each case, in an order that is drawn anew`,
    quietLine({ force: settings.force, axes }),
    ...sections,
    '',
    READING,
  ].join('\n')}\n`
}
