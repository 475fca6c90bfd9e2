// `npm test`: every vitest project, then one plain line. Arguments go to vitest: npm test -- gateway --project workerd
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { makeScratch } from './scratch.mjs'
import { tallyLine } from './tally.mjs'

const root = resolve(import.meta.dirname, '..')
const scratch = makeScratch('weir-test-')
// Beside each other: those inside workerd compute, those against a server wait.
const LANES = [
  ['--project', 'workerd*'],
  ['--project', 'node'],
]

const reportOf = lane => join(scratch, `report-${lane}.json`)

// Lines of two runs may take turns, and must not be cut.
function passOn(stream, to) {
  if (stream) createInterface({ input: stream }).on('line', line => to.write(`${line}\n`))
}

function runVitest(filters, lane, stdio) {
  const cli = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportOf(lane)}`]
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', TMPDIR: scratch }
  const child = spawn(process.execPath, [cli, 'run', ...reporters, ...filters], { cwd: root, env, stdio })
  passOn(child.stdout, process.stdout)
  passOn(child.stderr, process.stderr)
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  return new Promise((resolveRun, reject) => {
    child.once('error', reject)
    child.once('close', code => resolveRun(code ?? 1))
  })
}

// A file that could not be loaded has no failed test, and is a failure all the same.
function countOf({ numPassedTests, numFailedTests, testResults }) {
  const isBroken = file => file.status === 'failed' && !file.assertionResults.some(test => test.status === 'failed')
  return { passed: numPassedTests, failed: numFailedTests + testResults.filter(isBroken).length }
}

function readReport(lane, code) {
  try {
    const { passed, failed } = countOf(JSON.parse(readFileSync(reportOf(lane), 'utf8')))
    // An error outside every test fails the run without failing a test.
    return { passed, failed: failed === 0 && code !== 0 ? 1 : failed }
  } catch {
    return { passed: 0, failed: 1 }
  }
}

function runAll(asked) {
  if (asked.length > 0) return Promise.all([runVitest(asked, 0, ['ignore', 'inherit', 'inherit'])])
  return Promise.all(LANES.map((filters, lane) => runVitest(filters, lane, ['ignore', 'pipe', 'pipe'])))
}

// All projects of workerd by the one word.
const asked = process.argv.slice(2).map(word => (word === 'workerd' ? 'workerd*' : word))
const codes = await runAll(asked)
const tallies = codes.map((code, lane) => readReport(lane, code))
rmSync(scratch, { recursive: true, force: true })
const sum = name => tallies.reduce((total, tally) => total + tally[name], 0)
const tally = { passed: sum('passed'), failed: sum('failed') }
console.log(tallyLine(tally))
process.exit(tally.failed === 0 ? 0 : 1)
