// What limits above the key cost, and whether they are exact: `node bench/levels/run.mjs exact|keys|objects|all`.
import { existsSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describeMachine } from '../overspend/machine.mjs'
import { measureExact } from './exact.mjs'
import { measureKeys } from './keys.mjs'
import { measureObjects } from './objects.mjs'
import { linesOf, pageOf } from './page.mjs'

const text = { type: 'string' }
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    requests: { ...text, default: '5000' },
    connections: { ...text, default: '64' },
    keys: text,
    seconds: { ...text, default: '30' },
    seed: { ...text, default: '1' },
    json: text,
    markdown: text,
  },
})
// State on tmpfs where there is one: a disk measures its own flushes.
if (existsSync('/dev/shm')) process.env.TMPDIR = '/dev/shm'

const numberOf = (name, otherwise) => Number(values[name] ?? otherwise)
const setting = keys => ({
  requests: numberOf('requests'),
  connections: numberOf('connections'),
  seconds: numberOf('seconds'),
  seed: numberOf('seed'),
  keys: numberOf('keys', keys),
})
const MEASURES = {
  exact: () => measureExact(setting(20)),
  keys: () => measureKeys(setting(1000)),
  objects: () => measureObjects(setting(1000)),
}

async function main() {
  const [asked = 'all'] = positionals
  const names = asked === 'all' ? Object.keys(MEASURES) : [asked]
  if (!names.every(name => name in MEASURES)) throw new Error(`${asked}: one of ${Object.keys(MEASURES)} or all`)
  const results = {}
  for (const name of names) {
    results[name] = await MEASURES[name]()
    console.log(linesOf(name, results[name]).join('\n'))
  }
  // Without the names of files, which are nobody else's.
  const { json: _, markdown: __, ...shown } = values
  const options = Object.entries(shown).map(([name, value]) => `--${name} ${value}`)
  const command = ['node bench/levels/run.mjs', asked, ...options].join(' ')
  const machine = describeMachine({ command })
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`)
  if (values.markdown) writeFileSync(values.markdown, pageOf(machine, results))
  return Object.values(results).some(({ broken }) => broken.length > 0) ? 1 : 0
}

process.exit(await main())
