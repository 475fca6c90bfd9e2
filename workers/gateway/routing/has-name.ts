/** Whether a list of models has one: by its name in any case, or as `*`. */
export function hasName(names: readonly string[], model: string): boolean {
  return names.some(name => name === '*' || name.toLowerCase() === model.toLowerCase())
}
