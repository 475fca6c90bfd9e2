// Bundles a Worker of a benchmark's own with the product's settings.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

function run(args) {
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' }
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk))
    child.once('exit', code => (code === 0 ? done(undefined) : fail(new Error(`the bundle failed:\n${output}`))))
  })
}

/** Bundles `entry` into `outdir`. Answers its modules, in Miniflare's terms. */
export async function bundleEntry(entry, outdir) {
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  await run([wrangler, 'deploy', entry, '--dry-run', '--outdir', outdir])
  const path = join(outdir, basename(entry).replace(/\.\w+$/, '.js'))
  return [{ type: 'ESModule', path, contents: readFileSync(path, 'utf8') }]
}
