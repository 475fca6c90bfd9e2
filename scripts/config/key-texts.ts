import { chmodSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'
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

function linesIn(texts: string[], file: string): Line[] {
  try {
    return texts.filter(Boolean).map(text => JSON.parse(text))
  } catch {
    throw new Refusal(`${file} is not a file of key texts: name another one with --keys-out.`)
  }
}

// What comes after the last end of a line is half of one, which was never shown.
function readLines(file: string): { lines: Line[]; isCut: boolean } {
  const texts = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : ['']
  const isCut = texts.pop() !== ''
  return { lines: linesIn(texts, file), isCut }
}

function lostIn(lines: Line[]): string[] {
  const open = new Set<string>()
  for (const { name, pending } of lines) pending ? open.add(name) : open.delete(name)
  return [...open]
}

function toFile(file: string): KeyTexts {
  const { lines, isCut } = readLines(file)
  if (isCut) truncateSync(file, readFileSync(file).lastIndexOf('\n') + 1)
  const descriptor = openSync(file, 'a', 0o600)
  chmodSync(file, 0o600)
  // Whole and on disk before the next request: what is not there when the command is killed was never shown.
  const write = (line: Line) => {
    writeSync(descriptor, `${JSON.stringify(line)}\n`)
    fsyncSync(descriptor)
  }
  process.once('exit', () => closeSync(descriptor))
  return { lost: lostIn(lines), begin: name => write({ name, pending: true }), keep: write }
}

/** Key texts to a file that only its owner reads, a line of JSON each, or to stdout (`-`). */
export function openKeyTexts(target: string): KeyTexts {
  if (target !== '-') return toFile(target)
  return { lost: [], begin: () => undefined, keep: key => console.log(JSON.stringify(key)) }
}
