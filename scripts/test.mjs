// `npm test`: every vitest project, then one plain line. Arguments go to vitest: npm test -- gateway --project workerd
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { tallyLine } from './tally.mjs'

const root = resolve(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'weir-test-'))
const report = join(scratch, 'report.json')

function runVitest(filters) {
  const cli = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false' }
  const options = { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] }
  return new Promise((resolveRun, reject) => {
    const child = spawn(process.execPath, [cli, 'run', ...reporters, ...filters], options)
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
    child.once('error', reject)
    child.once('exit', code => resolveRun(code ?? 1))
  })
}

// A file that could not be loaded has no failed test, and is a failure all the same.
function countOf({ numPassedTests, numFailedTests, testResults }) {
  const isBroken = file => file.status === 'failed' && !file.assertionResults.some(test => test.status === 'failed')
  return { passed: numPassedTests, failed: numFailedTests + testResults.filter(isBroken).length }
}

function readReport(code) {
  try {
    const { passed, failed } = countOf(JSON.parse(readFileSync(report, 'utf8')))
    // An error outside every test fails the run without failing a test.
    return { passed, failed: failed === 0 && code !== 0 ? 1 : failed }
  } catch {
    return { passed: 0, failed: 1 }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

// Both projects of workerd by the one word.
const asked = process.argv.slice(2).map(word => (word === 'workerd' ? 'workerd*' : word))
const tally = readReport(await runVitest(asked))
console.log(tallyLine(tally))
process.exit(tally.failed === 0 ? 0 : 1)
