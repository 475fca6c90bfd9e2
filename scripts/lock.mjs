import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

// A lock directory without an owner file is one whose owner is between two system calls, unless it stays so.
const OWNERLESS_MS = 10_000
// No install or build takes so long: the owner has died, and its number is somebody else's now.
const LONGEST_MS = 600_000

/** Says whether a process of ours still runs. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function ownerOf(dir) {
  try {
    return Number(readFileSync(join(dir, 'pid'), 'utf8')) || undefined
  } catch {
    return undefined
  }
}

function isAbandoned(dir) {
  const ageMs = Date.now() - (statSync(dir, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
  const owner = ownerOf(dir)
  if (owner === undefined) return ageMs > OWNERLESS_MS
  return owner === process.pid || !isAlive(owner) || ageMs > LONGEST_MS
}

function tryTake(dir) {
  try {
    mkdirSync(dir)
    writeFileSync(join(dir, 'pid'), String(process.pid))
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    return false
  }
}

// Renamed before it is removed: of two that find the same abandoned lock, one rename fails.
function clearAbandoned(dir) {
  const grave = `${dir}.${process.pid}`
  try {
    renameSync(dir, grave)
    rmSync(grave, { recursive: true, force: true })
  } catch {}
}

/** Runs `work` while no other process does under the same directory name. A lock whose owner has died is taken over. */
export async function withLock(dir, work, onWait = () => {}) {
  for (let waits = 0; !tryTake(dir); waits++) {
    if (waits === 0) onWait()
    if (isAbandoned(dir)) clearAbandoned(dir)
    else await sleep(200)
  }
  try {
    return await work()
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
