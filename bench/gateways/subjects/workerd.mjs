import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The runtime's program, of the version that the lock file names. */
export const WORKERD = resolve(import.meta.dirname, '../../../node_modules/workerd/bin/workerd')

/** A directory that is gone when it is no longer needed, or this process ends. */
export function scratchDirectory(name) {
  const path = mkdtempSync(join(tmpdir(), `weir-bench-${name}-`))
  const remove = () => rmSync(path, { recursive: true, force: true })
  process.on('exit', remove)
  return { path, remove }
}
