import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

function versionOf(name) {
  return JSON.parse(readFileSync(resolve(root, 'node_modules', name, 'package.json'), 'utf8')).version
}

function git(...args) {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}

function commit() {
  const changed = git('status', '--porcelain', '--', 'workers', 'durable-objects', 'wrangler.toml')
  return `${git('rev-parse', '--short', 'HEAD') || 'unknown'}${changed ? ' with changes' : ''}`
}

/** Where and with what a run was made. */
export function describeMachine(setting) {
  const [cpu] = cpus()
  return {
    ...setting,
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    machine: `${cpus().length} x ${cpu?.model.trim() || 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}`,
    versions: {
      node: process.version,
      workerd: versionOf('workerd'),
      miniflare: versionOf('miniflare'),
      openai: versionOf('openai'),
      'this repository': commit(),
    },
  }
}
