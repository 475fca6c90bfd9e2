// Bundles the Worker into dist/ with wrangler, as a deployment would, and skips that when no source has changed.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withLock } from './lock.mjs'

const root = resolve(import.meta.dirname, '..')
const dist = join(root, 'dist')
const manifest = join(dist, 'build.json')
const SOURCES = ['workers', 'durable-objects', 'wrangler.toml', 'tsconfig.json', 'package-lock.json']
const MODULE_TYPES = {
  '.wasm': 'CompiledWasm',
  '.txt': 'Text',
  '.html': 'Text',
  '.sql': 'Text',
  '.bin': 'Data',
}

function filesUnder(path) {
  if (statSync(path).isFile()) return [path]
  const entries = readdirSync(path, { withFileTypes: true, recursive: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
}

function hashOfSources() {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap(source => filesUnder(join(root, source))).sort()) {
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

function readManifest() {
  try {
    return JSON.parse(readFileSync(manifest, 'utf8'))
  } catch {
    return undefined
  }
}

/** Bundles a Worker into `outdir` as a deployment would: the product's, or that of another entry module. */
export function bundle(outdir, entry) {
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  const args = [wrangler, 'deploy', ...(entry ? [entry] : []), '--dry-run', '--outdir', outdir]
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' }
  return new Promise((resolveBundle, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk))
    child.once('error', reject)
    child.once('exit', code => (code === 0 ? resolveBundle() : reject(new Error(`the build failed:\n${output}`))))
  })
}

/**
 * What wrangler.toml says of bindings, queues and objects, in Miniflare's words: wrangler does the translation, so that
 * there is no second list. Its `bindings` would hold the secrets of .dev.vars; only the plain `[vars]` are kept.
 */
async function workerOptions() {
  const { unstable_getMiniflareWorkerOptions: translate, unstable_readConfig: readConfig } = await import('wrangler')
  const config = readConfig({ config: join(root, 'wrangler.toml') }, { hideWarnings: true })
  const { modulesRules, ...options } = translate(config).workerOptions
  return { ...options, name: config.name, bindings: config.vars }
}

function moveInto(outdir) {
  for (const name of readdirSync(outdir)) {
    rmSync(join(dist, name), { recursive: true, force: true })
    renameSync(join(outdir, name), join(dist, name))
  }
  rmSync(outdir, { recursive: true })
}

async function rebuild(hash) {
  const outdir = join(dist, `.build-${process.pid}`)
  rmSync(manifest, { force: true })
  const [worker] = await Promise.all([workerOptions(), bundle(outdir)])
  moveInto(outdir)
  // Last, so that a build that was interrupted is not taken for a good one.
  writeFileSync(manifest, JSON.stringify({ hash, worker }, null, 2))
  return { hash, worker }
}

/** The modules of a bundle, in Miniflare's terms; `main` is the name of the first. */
export function readModules(dir, main) {
  const index = join(dir, main)
  const others = readdirSync(dir).filter(name => extname(name) in MODULE_TYPES)
  return [
    { type: 'ESModule', path: index, contents: readFileSync(index, 'utf8') },
    ...others.map(name => {
      const path = join(dir, name)
      return { type: MODULE_TYPES[extname(name)], path, contents: readFileSync(path) }
    }),
  ]
}

/** Builds if a source has changed. Answers the worker in Miniflare's terms, and whether it had to be built. */
export async function build() {
  mkdirSync(dist, { recursive: true })
  return withLock(join(dist, '.lock'), async () => {
    const hash = hashOfSources()
    const known = readManifest()
    const isFresh = known?.hash === hash && existsSync(join(dist, 'index.js'))
    const { worker } = isFresh ? known : await rebuild(hash)
    // Read while the lock is held: another start may rebuild the same files.
    return { isFresh, worker: { ...worker, rootPath: root, modules: readModules(dist, 'index.js') } }
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = Date.now()
  const { isFresh } = await build()
  console.log(isFresh ? 'dist/ is up to date' : `dist/ built in ${Date.now() - started} ms`)
}
