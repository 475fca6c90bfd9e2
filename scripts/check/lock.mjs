// A lock file made where a registry lacks some platform's package has no entry for it, and `npm ci` then fails
// everywhere. Add the missing entries with: node scripts/check/lock.mjs --complete
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const PLATFORM = /-(android|darwin|freebsd|linux|netbsd|openbsd|win32)-(arm|arm64|ia32|x64)(?:-(musl|gnu))?$/
const LIBC = { musl: 'musl', gnu: 'glibc' }

function readLock(root) {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
}

function gapsOf({ packages }) {
  return Object.entries(packages).flatMap(([owner, { optionalDependencies = {}, dev }]) =>
    Object.entries(optionalDependencies)
      .map(([name, version]) => ({ name, version, owner, dev }))
      .filter(({ name }) => !(`node_modules/${name}` in packages || `${owner}/node_modules/${name}` in packages)),
  )
}

function entryFor({ name, version, dev }) {
  const [, os, cpu, libc] = PLATFORM.exec(name) ?? []
  if (!os) throw new Error(`${name} is missing from the lock and no platform's package: run npm install`)
  return { version, cpu: [cpu], ...(dev && { dev }), ...(libc && { libc: [LIBC[libc]] }), optional: true, os: [os] }
}

/** Optional packages that the lock file does not know: `npm ci` refuses it for want of them. */
export function findLockGaps(root) {
  const remedy = 'node scripts/check/lock.mjs --complete'
  return gapsOf(readLock(root)).map(({ name, owner }) => `${name} (of ${owner}) is not in the lock; add it: ${remedy}`)
}

function complete(root) {
  const lock = readLock(root)
  for (const gap of gapsOf(lock)) lock.packages[`node_modules/${gap.name}`] = entryFor(gap)
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
  lock.packages = Object.fromEntries(sorted)
  writeFileSync(join(root, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === '--complete') {
  complete(resolve(import.meta.dirname, '../..'))
}
