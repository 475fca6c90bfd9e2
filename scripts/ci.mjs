// What .ci/run does: checks, a dry-run build, all tests, and a short chaos run, each to its end, then one line.
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { readTally, tallyLine } from './tally.mjs'

const root = resolve(import.meta.dirname, '..')
// So that each kind of blow falls once.
const CHAOS_COUNT = '5'
// The whole takes some eight minutes on two cores; a step that hangs must not hang the run.
const STEP_WITHIN_MS = 840_000

const STEPS = [
  ['check', 'scripts/check.mjs'],
  ['build', 'scripts/build.mjs'],
  ['test', 'scripts/test.mjs'],
  ['chaos', 'test/chaos/run.mjs', '--count', CHAOS_COUNT],
]

function run([, script, ...args]) {
  const env = { ...process.env, CI: 'true', WRANGLER_SEND_METRICS: 'false' }
  const options = {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: STEP_WITHIN_MS,
    killSignal: 'SIGTERM',
  }
  return new Promise(resolveRun => {
    const child = spawn(process.execPath, [join(root, script), ...args], options)
    let output = ''
    child.stdout.on('data', chunk => {
      output += chunk
      process.stdout.write(chunk)
    })
    child.once('error', error => resolveRun({ code: 1, output: error.message }))
    child.once('close', code => resolveRun({ code: code ?? 1, output }))
  })
}

// A step without a count of its own counts as one; one that failed counts at least one failure.
function tallyOf({ code, output }) {
  const { passed, failed } = readTally(output) ?? { passed: code === 0 ? 1 : 0, failed: 0 }
  return { passed, failed: code === 0 ? failed : Math.max(1, failed) }
}

const total = { passed: 0, failed: 0 }
for (const step of STEPS) {
  console.log(`\n== ${step[0]}`)
  const started = Date.now()
  const { passed, failed } = tallyOf(await run(step))
  total.passed += passed
  total.failed += failed
  console.log(`== ${step[0]}: ${failed === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}
console.log(`\n${tallyLine(total)}`)
process.exit(total.failed === 0 ? 0 : 1)
