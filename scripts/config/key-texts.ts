import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { Refusal } from './problem.ts'

/** A line of the file: a key that is about to be made, or its text. */
type Line = { name: string; id?: string; value?: string; pending?: true }

/** Where the texts of new keys go, which are shown once and by nobody else. */
export type KeyTexts = {
  /** Names of keys that were about to be made when an earlier command ended: if they were, nobody has their texts. */
  lost: string[]
  begin(name: string): void
  keep(key: { name: string; id: string; value: string }): void
}

function linesOf(file: string): Line[] {
  if (!existsSync(file)) return []
  const texts = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  try {
    return texts.map(text => JSON.parse(text))
  } catch {
    throw new Refusal(`${file} is not a file of key texts: name another one with --keys-out.`)
  }
}

function lostIn(lines: Line[]): string[] {
  const open = new Set<string>()
  for (const { name, pending } of lines) pending ? open.add(name) : open.delete(name)
  return [...open]
}

function toFile(file: string): KeyTexts {
  const lost = lostIn(linesOf(file))
  const descriptor = openSync(file, 'a', 0o600)
  chmodSync(file, 0o600)
  // Whole and on disk before the next request: what is not there when the command is killed was never shown.
  const write = (line: Line) => {
    writeSync(descriptor, `${JSON.stringify(line)}\n`)
    fsyncSync(descriptor)
  }
  process.once('exit', () => closeSync(descriptor))
  return { lost, begin: name => write({ name, pending: true }), keep: write }
}

/** Key texts to a file that only its owner reads, a line of JSON each, or to stdout (`-`). */
export function openKeyTexts(target: string): KeyTexts {
  if (target !== '-') return toFile(target)
  return { lost: [], begin: () => undefined, keep: key => console.log(JSON.stringify(key)) }
}
