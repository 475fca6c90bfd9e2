// `npm run check`: format, lint, types, generated files, migrations, comments, and nothing of this machine or of a merge in the tree.
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { findBundleExcess } from './check/bundle.mjs'
import { findUndocumentedExports } from './check/exports.mjs'
import { findLockGaps } from './check/lock.mjs'
import { findChangedMigrations } from './check/migrations.mjs'
import { findMachineTraces, findMergeMarks } from './check/tree.mjs'
import { tallyLine } from './tally.mjs'

const root = resolve(import.meta.dirname, '..')

/** Runs a program of node_modules on our own Node. Answers what it printed if it failed, '' if not. */
function program(path, ...args) {
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', FORCE_COLOR: '0' }
  return new Promise((resolveRun, reject) => {
    const child = spawn(process.execPath, [join(root, path), ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk))
    child.once('error', reject)
    child.once('close', code => resolveRun(code === 0 ? '' : output || `ended with code ${code}`))
  })
}

const tsc = project => program('node_modules/typescript/bin/tsc', '--noEmit', '--pretty', 'false', '-p', project)
const wrangler = (...args) => program('node_modules/wrangler/bin/wrangler.js', ...args)

const CHECKS = {
  'format and lint': () => program('node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'),
  'types of the Worker': () => tsc('.'),
  'types of its tests': () => tsc('test'),
  'types of the Node tests': () => tsc('test/e2e'),
  'worker-env.d.ts is current': () =>
    wrangler('types', 'worker-env.d.ts', '--include-runtime=false', '--strict-vars=false', '--check'),
  'the pricebook is current': () => program('scripts/build-pricebook.mjs', '--check'),
  'docs/errors.md is current': () => program('scripts/build-error-docs.mjs', '--check'),
  'docs/weir.config.schema.json is current': () => program('scripts/build-config-schema.mjs', '--check'),
  'the lock file is whole': () => findLockGaps(root),
  'released migrations are unchanged': () => findChangedMigrations(root),
  'every export has a sentence': () => findUndocumentedExports(root),
  'nothing of this machine is in the tree': () => findMachineTraces(root),
  'no merge is left undecided': () => findMergeMarks(root),
}

// After all others, since what they compute would be counted.
const LAST = { 'the bundle is small and starts soon': () => findBundleExcess() }

async function run(name, check) {
  const started = Date.now()
  const problems = await Promise.resolve()
    .then(check)
    .catch(error => error.message)
  const text = problems.length > 0 ? `\n${[problems].flat().join('\n')}\n` : ''
  console.log(`${text ? 'FAILED' : 'ok    '}  ${name} (${Date.now() - started} ms)${text}`)
  return !text
}

const runAll = checks => Promise.all(Object.entries(checks).map(([name, check]) => run(name, check)))
const results = [...(await runAll(CHECKS)), ...(await runAll(LAST))]
const passed = results.filter(Boolean).length
console.log(tallyLine({ passed, failed: results.length - passed }))
process.exit(passed === results.length ? 0 : 1)
