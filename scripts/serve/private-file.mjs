import { readFileSync, renameSync, writeFileSync } from 'node:fs'

/** Writes a file that only its owner may read. A reader sees the old text or the new one, never half of it. */
export function writePrivate(path, text) {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, text, { mode: 0o600, flush: true })
  renameSync(draft, path)
}

/** The text of a file, or `undefined` where there is none. */
export function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}
