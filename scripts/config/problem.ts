/** The way to a part of a file: names of fields and places in lists. */
export type Path = readonly PropertyKey[]

/** What is wrong with a part of a file, and what to change. */
export type Problem = { path: Path; message: string }

/** Thrown to end the command with these words. Nothing was written that they do not tell. */
export class Refusal extends Error {}

/** A path as it is written in words: `virtual_keys[0].team`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}
