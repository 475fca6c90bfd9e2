import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { Refusal } from '../config/problem.ts'

/** How far a file is: its records up to `done`, and what became of them. */
export type Progress = {
  url: string
  bytes: number
  done: number
  created: number
  duplicates: number
  rejected: number
}

/** Where it is kept how far a file is, and how far that is. Throws a `Refusal` where that is of another file or instance. */
export function openProgress(path: string, file: string, url: string): Progress {
  const { size: bytes } = statSync(file)
  if (!existsSync(path)) return { url, bytes, done: 0, created: 0, duplicates: 0, rejected: 0 }
  const known = JSON.parse(readFileSync(path, 'utf8')) as Progress
  if (known.url === url && known.bytes === bytes) return known
  throw new Refusal(`${path} is of another instance, or ${file} has changed since: delete it to begin anew.`)
}

/** Keeps it; whoever is killed meanwhile leaves what was there before. */
export function saveProgress(path: string, progress: Progress): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(progress)}\n`)
  renameSync(`${path}.new`, path)
}
