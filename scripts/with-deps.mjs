// Runs on the Node that the machine has (20 or newer), without any package: installs what is missing, then hands over
// to the Node of the lock file. Usage: node scripts/with-deps.mjs <script> [arguments]
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withLock } from './lock.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(root, 'node_modules')
const stamp = join(modules, '.weir-install')
const node = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

const WATCH_MS = 250

function readLock(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages
}

// Someone who ran `npm ci` by hand has no stamp; npm's own list of what it installed, written last, says the same.
function isInstalledByHand() {
  try {
    const installed = readLock(join(modules, '.package-lock.json'))
    return Object.entries(readLock(join(root, 'package-lock.json'))).every(
      ([path, wanted]) => path === '' || wanted.optional || installed[path]?.version === wanted.version,
    )
  } catch {
    return false
  }
}

function isCurrent(hash) {
  if (!existsSync(node)) return false
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return true
  if (!isInstalledByHand()) return false
  writeFileSync(stamp, hash)
  return true
}

function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options })
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}

async function npmCi() {
  console.error('Installing dependencies (once, about half a minute) ...')
  const started = Date.now()
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm']
  const [command, ...before] = npm
  // Dev dependencies are what Weir runs on; warnings about engines are for the Node that is about to be replaced.
  const args = [...before, 'ci', '--no-audit', '--no-fund', '--include=dev', '--include=optional', '--loglevel=error']
  const code = await run(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (code !== 0) throw new Error(`npm ci failed with code ${code}`)
  console.error(`Installed in ${((Date.now() - started) / 1000).toFixed(1)} s.`)
}

async function install() {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (isCurrent(hash)) return
  mkdirSync(join(root, '.weir'), { recursive: true, mode: 0o700 })
  const lock = join(root, '.weir', 'install.lock')
  const onWait = () => console.error('Waiting for another install to end ...')
  await withLock(
    lock,
    async () => {
      if (isCurrent(hash)) return
      await npmCi()
      if (!existsSync(node)) throw new Error('the `node` package brought no binary: are install scripts switched off?')
      writeFileSync(stamp, hash)
    },
    onWait,
  )
}

function grandparent() {
  try {
    return readFileSync(`/proc/${process.ppid}/stat`, 'utf8').split(') ').at(-1).split(' ')[1]
  } catch {
    return undefined
  }
}

// npm starts us through a shell, which passes no signal on: who stops npm would leave the script running. Without npm
// a parent that ends is somebody's shell, and no reason to stop.
function stopWithNpm(child) {
  if (!process.env.npm_lifecycle_event) return
  const family = `${process.ppid} ${grandparent()}`
  const look = () => family !== `${process.ppid} ${grandparent()}` && child.kill('SIGTERM')
  setInterval(look, WATCH_MS).unref()
}

/** The script runs as a child with a channel to us: when we are killed, the closed channel tells it. */
async function handOver([script, ...args]) {
  const child = spawn(node, [join(root, script), ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  stopWithNpm(child)
  child.once('error', error => fail(error))
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

function fail(error) {
  console.error(`weir: ${error.message}`)
  process.exit(1)
}

try {
  await install()
  await handOver(process.argv.slice(2))
} catch (error) {
  fail(error)
}
