// docs/benchmark.md, made of the JSON of a run.
import { BUSY_SHARE } from './machine-load.mjs'
import { LEAST_SHARE } from './statistics.mjs'
import { cellTables, mainTable, moneyTable, targetTable } from './tables.mjs'
import { targetsOf } from './targets.mjs'

function factsOf({ machine, settings, subjects }) {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`)
  const others = subjects.flatMap(({ name, version }) => (version ? [`${name} ${version}`] : []))
  const quiet = settings.force
    ? '- **made with `--force`: whether something else used the machine was not checked**'
    : `- a load began only when less than ${BUSY_SHARE * 100} % of the machine was busy`
  return [
    `- ${machine.date} UTC, \`${machine.command}\``,
    `- ${machine.machine}; state on ${machine.storage}`,
    `- ${[...versions, ...others].join(', ')}`,
    `- ${settings.rounds} rounds (three of five of them away from the main table) of ${settings.seconds} s, subjects in an order that is drawn anew`,
    quiet,
  ]
}

function booksOf({ name, books }) {
  if (!books) return []
  const { requests, billedNano, counterNano, events } = books
  const off = ((counterNano - billedNano) / 1e9).toFixed(9)
  return [
    `- **${name}** after all its load: the provider has billed ${requests} requests, ${events} events are stored, and the key's counter differs from the bill by $${off}.`,
  ]
}

const READING = `## How to read it

- **The provider** is a mock on this machine, which answers as the prompt tells it to and counts what it bills. A payload is the
  text of the prompt and of the answer: each has so many bytes. **added** is the difference to the provider itself, asked
  directly, in the same round; where the provider answers at once that is all there is, and most of it is the machine.
- **±** is the distance within which another run on the same machine should find the figure again, 19 times in 20: drawn from the
  rounds of this one, and not less than ${LEAST_SHARE * 100} %, which starting a server anew can move.
- **A bare proxy on workerd** is a Worker that does nothing but \`new Response(upstream.body)\`: the floor of the runtime.
- **A proxy that writes a hold** reads the request, has an object write one row before it is sent, reads the answer's usage and has the
  row written anew: no keys, no limits, no prices, no events. Less than that nobody can do who holds money before it is spent.
- **Weir** has everything on: budgets and limits of requests and tokens on the key, its grant, its team, its customer, the
  provider and the model; every request metered, settled, its event shipped through the queue and stored in D1. On **raw
  workerd** the bundle that is deployed runs without Node: the configuration is the one of \`npm start\` less what is for development; D1,
  Queues and R2, which workerd does not have, are the Workers with which Miniflare simulates them, in the same process and
  thread. Under **\`npm start\`** Node stands beside it, and crons fire.
- **Portkey**'s open-source gateway has no keys and no budgets: it hands on, with retries off, and nothing is stored.
- **LiteLLM**'s budgets are those of deployments, which need no database; one worker process.
- **CPU a request**: all processes of the subject, with what they do after the answer. **memory**: where they live after all load.
- **overspend, lost, phantom** are the worst of the cases below, as [overspend](overspend.md) defines them; \`-\`: the books
  are not read. Load, provider and subjects are processes of their own and share the machine's cores.`

const repeatOf = () => `## How to repeat it

    npm run bench -- --json run.json --markdown docs/benchmark.md
    npm run bench -- --json again.json --compare run.json

The first makes this page. The second says which figures of the main table lie outside of what the first stated, each in the bare
proxy's of the same round: a shared machine as a whole may be a fifth slower a quarter of an hour later. Both install
what they need under \`bench/\`, and end with code 3 where something else uses the machine.
\`--bifrost FILE\` adds Bifrost, \`--base-url URL --key KEY --upstream-port N\` any gateway: [bench/README.md](../bench/README.md).`

/** The page of a run. */
export function pageOf(run) {
  const lines = [
    '# Benchmark: what Weir costs, beside others',
    '',
    'Made by `npm run bench -- --markdown docs/benchmark.md`; do not edit by hand.',
    '',
    ...factsOf(run),
    '',
    ...mainTable(run),
    '',
    'Rates and latencies: JSON of 0.2 kB that the provider answers at once, latencies at 1 connection; first text: 32 streams, whose first comes after 60',
    'ms; streams: 128 at a time, 20 pieces, one every 10 ms.',
    '',
    ...run.subjects.flatMap(booksOf),
    '',
    '## Targets',
    '',
    ...targetTable(targetsOf(run)),
    '',
    READING,
    '',
    repeatOf(),
    '',
    '## Money',
    '',
    ...moneyTable(run),
    '',
    '## Every load',
    '',
    ...cellTables(run),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}
