import { invalid } from './invalid.ts'

function flaw(names: string[]): string | undefined {
  if (names.includes('*') && names.length > 1) {
    return "wildcard '*' cannot be used with other values in the whitelist"
  }
  const lower = names.map(name => name.toLowerCase())
  const repeated = names.find((_, index) => lower.indexOf(lower[index] ?? '') < index)
  return repeated === undefined ? undefined : `duplicate value '${repeated}'`
}

/** Refuses a list that has a name twice, or the wildcard beside others. `owner`: whose it is, such as `provider openai`. */
export function checkNames(field: string, names: string[], owner: string): void {
  const found = flaw(names)
  if (found) throw invalid(`invalid ${field} for ${owner}: ${found}`)
}
