// What governing costs at list prices: `npm run bench:cost -- [--only calm] [--scopes 1,3,6] [--json FILE] [--markdown FILE]`.
import { existsSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describeMachine } from '../overspend/machine.mjs'
import { startInstantUpstream } from '../start-upstream.mjs'
import { measure } from './measure.mjs'
import { linesOf, pageOf } from './page.mjs'
import { startCounted } from './start-counted.mjs'
import { TRAFFIC } from './traffic.mjs'

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    only: text,
    scopes: { ...text, default: '1,3,6' },
    json: text,
    markdown: text,
  },
})
// State on tmpfs where there is one: a disk measures its own flushes.
if (existsSync('/dev/shm')) process.env.TMPDIR = '/dev/shm'

// A Worker of its own for each, so that what the last one left behind is nobody's.
async function measureAlone(upstream, one) {
  const server = await startCounted(upstream.url)
  try {
    return await measure(server, one)
  } finally {
    await server.stop()
  }
}

async function main() {
  const upstream = await startInstantUpstream()
  const results = []
  const names = values.only ? [values.only] : Object.keys(TRAFFIC)
  for (const name of names) {
    for (const scopes of values.scopes.split(',').map(Number)) {
      const result = { name, ...(await measureAlone(upstream, { traffic: TRAFFIC[name], scopes })) }
      console.log(linesOf(result).join('\n'))
      results.push(result)
    }
  }
  upstream.stop()
  const machine = describeMachine({ command: 'npm run bench:cost' })
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`)
  if (values.markdown) writeFileSync(values.markdown, pageOf(machine, results))
}

main().then(
  () => process.exit(0),
  failure => {
    console.error(failure)
    process.exit(1)
  },
)
