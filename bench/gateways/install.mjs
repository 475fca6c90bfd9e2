// What is measured beside Weir is no dependency of it: it is installed under bench/, the first time that it is needed.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Unavailable } from './subjects/unavailable.mjs'

/** The folder that has a package of its own. */
export const BENCH = resolve(import.meta.dirname, '..')
const VENV = join(BENCH, '.venv')
const LITELLM = join(VENV, 'bin/litellm')
const REASON = join(VENV, 'why-not.txt')
const REQUIREMENTS = join(BENCH, 'requirements.txt')

function run(command, args) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: BENCH, stdio: ['ignore', 'ignore', 'pipe'] })
    let log = ''
    child.stderr.on('data', part => (log = (log + part).slice(-2000)))
    child.once('error', fail)
    child.once('exit', code => (code === 0 ? done(undefined) : fail(new Error(log.trim() || `code ${code}`))))
  })
}

async function once(stamp, lockFile, install) {
  const hash = createHash('sha256').update(readFileSync(lockFile)).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  await install()
  writeFileSync(stamp, hash)
}

function installPackages() {
  return once(join(BENCH, 'node_modules/.weir-install'), join(BENCH, 'package-lock.json'), async () => {
    console.error('Installing the packages of bench/ (once) ...')
    const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm']
    await run(npm[0], [...npm.slice(1), 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
  })
}

// What cannot be had is said in its row, and not asked for again until the versions change or bench/.venv is removed.
function installLitellm() {
  mkdirSync(VENV, { recursive: true })
  return once(join(VENV, '.weir-install'), REQUIREMENTS, async () => {
    console.error('Installing LiteLLM in bench/.venv (once, some minutes) ...')
    rmSync(REASON, { force: true })
    try {
      await run('python3', ['-m', 'venv', VENV])
      await run(join(VENV, 'bin/pip'), ['install', '-q', '--disable-pip-version-check', '-r', REQUIREMENTS])
    } catch (failure) {
      writeFileSync(REASON, failure.message.split('\n').at(-1))
    }
  })
}

/** Installs what `ids` need and is not there. */
export async function installFor(ids) {
  if (ids.includes('portkey')) await installPackages()
  if (ids.includes('litellm')) await installLitellm()
}

/** LiteLLM's own program. */
export function litellmProgram() {
  if (existsSync(REASON)) throw new Unavailable(`not installed: ${readFileSync(REASON, 'utf8')}`)
  if (!existsSync(LITELLM)) throw new Unavailable('not installed: bench/.venv has no litellm')
  return LITELLM
}
