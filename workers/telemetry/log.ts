/** Names whose values never reach a log line, wherever they stand. */
const SECRET = /authorization|api[-_]?key|secret|token$|password|cookie|hash$/i

function redact(name: string, value: unknown): unknown {
  if (SECRET.test(name) && typeof value === 'string') return '[redacted]'
  if (typeof value === 'string') return value.replace(/\b(sk-bf-|weir-admin-|weir-api-|sk-)[\w-]{8,}/g, '$1[redacted]')
  return value
}

/** Writes one line of JSON. Secrets are redacted by name and by form; bodies are never passed in. */
export function logEvent(event: Record<string, unknown>): void {
  console.log(JSON.stringify(event, redact))
}

/** The text of anything thrown, for a log line. */
export function describe(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
}
