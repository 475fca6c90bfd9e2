/** A secret to be told by and not to be used: how it begins, and how it ends. */
export function maskText(text: string): string {
  const prefix = /^(?:[a-z]{1,8}-){0,2}/.exec(text)?.[0] ?? ''
  return `${prefix}****${text.slice(-4)}`
}

function masked(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return typeof value === 'string' ? maskText(value) : value
  if (Array.isArray(value)) return value.map(one => masked(one, [name, ...rest]))
  if (typeof value !== 'object' || value === null || !(name in value)) return value
  return { ...value, [name]: masked((value as Record<string, unknown>)[name], rest) }
}

/** A JSON text with each text in it masked that these names lead to. */
export function maskSecret(json: string, path: readonly string[] | undefined): string {
  return path ? JSON.stringify(masked(JSON.parse(json), path)) : json
}
