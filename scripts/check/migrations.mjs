// Each migration's SHA-256 is committed, so that one that somebody has applied cannot change unseen.
// Lock new ones with: node_modules/.bin/node scripts/check/migrations.mjs --lock
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const LOCK = 'scripts/check/migrations.lock.json'

function hashesOf(root) {
  const dir = join(root, 'd1-migrations')
  const names = readdirSync(dir).filter(name => name.endsWith('.sql'))
  const hash = name =>
    createHash('sha256')
      .update(readFileSync(join(dir, name)))
      .digest('hex')
  return Object.fromEntries(names.sort().map(name => [name, hash(name)]))
}

function readLock(root) {
  return JSON.parse(readFileSync(join(root, LOCK), 'utf8'))
}

function changesBetween(locked, present) {
  const changed = Object.keys(locked).filter(name => present[name] !== locked[name])
  return changed.map(
    name => `${name} is locked and was ${present[name] ? 'changed' : 'removed'}: write a new migration`,
  )
}

/** What differs between the locked migrations and those in the tree. */
export function findChangedMigrations(root) {
  const locked = readLock(root)
  const present = hashesOf(root)
  const added = Object.keys(present).filter(name => !(name in locked))
  const remedy = `lock it: node_modules/.bin/node scripts/check/migrations.mjs --lock`
  return [...changesBetween(locked, present), ...added.map(name => `${name} is not in ${LOCK}; ${remedy}`)]
}

function lockNew(root) {
  const present = hashesOf(root)
  const problems = changesBetween(readLock(root), present)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  writeFileSync(join(root, LOCK), `${JSON.stringify(present, null, 2)}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === '--lock') {
  lockNew(resolve(import.meta.dirname, '../..'))
}
