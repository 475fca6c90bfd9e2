// How a gateway's budgets hold: `node bench/overspend/run.mjs` for Weir, `--help` for any other.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { instructions, USAGE } from './instructions.mjs'
import { describeMachine } from './machine.mjs'
import { pageOf } from './page.mjs'
import { headLine, lineOf } from './report.mjs'
import { runCases } from './run-cases.mjs'
import { anyGateway } from './subjects/any-gateway.mjs'
import { ownWeir, remoteWeir } from './subjects/weir.mjs'
import { startCountingUpstream } from './upstream.mjs'

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    'base-url': text,
    key: { ...text, multiple: true, default: [] },
    adapter: { ...text, default: 'none' },
    'admin-key': text,
    'limit-usd': text,
    model: text,
    name: text,
    'upstream-port': { ...text, default: '0' },
    only: text,
    scale: { ...text, default: '1' },
    seed: { ...text, default: '1' },
    json: text,
    markdown: text,
    help: { type: 'boolean', default: false },
  },
})

function foreignGateway(baseUrl) {
  const limitNano = Math.round(Number(values['limit-usd']) * 1e9)
  if (values.key.length === 0 || !(limitNano > 0)) throw new Error(`--key and --limit-usd are needed.\n${USAGE}`)
  return anyGateway({ baseUrl, keys: values.key, model: values.model ?? 'gpt-4o-mini', limitNano })
}

async function openSubject(upstream) {
  const baseUrl = values['base-url']?.replace(/\/(v1\/?)?$/, '')
  if (!baseUrl) return ownWeir({ upstreamUrl: upstream.baseUrl })
  if (values.adapter === 'weir') return remoteWeir({ baseUrl, adminKey: values['admin-key'] })
  return foreignGateway(baseUrl)
}

function report(subject, results) {
  const { seed, scale } = values
  const machine = describeMachine({
    subject: values.name ?? subject.name,
    isOurs: subject.isOurs ?? false,
    seed,
    scale,
  })
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ ...machine, results }, null, 2)}\n`)
  if (values.markdown) writeFileSync(values.markdown, pageOf(machine, results))
}

function printNotes(results) {
  for (const { number, name, figures } of results) {
    for (const note of figures?.notes ?? []) console.log(`${number} ${name}: ${note}`)
  }
}

async function main() {
  const upstream = await startCountingUpstream({ port: Number(values['upstream-port']) })
  const subject = await openSubject(upstream)
  console.log(instructions(subject, upstream))
  console.log(headLine())
  try {
    const only = values.only?.split(',').map(Number)
    const setting = { subject, upstream, only, scale: Number(values.scale), seed: Number(values.seed) }
    const results = await runCases({ ...setting, onResult: result => console.log(lineOf(result)) })
    printNotes(results)
    report(subject, results)
    return subject.isOurs && results.some(({ broken }) => broken.length > 0) ? 1 : 0
  } finally {
    await subject.stop()
    await upstream.stop()
  }
}

if (values.help) console.log(USAGE)
else process.exit(await main())
