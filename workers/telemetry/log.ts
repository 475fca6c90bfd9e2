/** Names whose values never reach a log line, wherever they stand. */
const SECRET = /authorization|api[-_]?key|secret|token$|password|cookie|hash$|sealed|signature/i

/** What keys and tokens of ours look like, and any JWT, whoever signed it. */
const KEY = /\b(sk-bf-|weir-(?:admin|api|rt|svc|agent)-|sk-)[\w.-]{8,}/g
const JWT = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g

function redact(name: string, value: unknown): unknown {
  if (SECRET.test(name) && typeof value === 'string') return '[redacted]'
  if (typeof value !== 'string') return value
  return value.replace(KEY, '$1[redacted]').replace(JWT, '[redacted]')
}

/** What is in no line without a secret: then nothing of it has to be looked at closer. */
const SUSPECT = /authorization|api[-_]?key|secret|token"|password|cookie|hash"|sealed|signature|sk-|weir-|eyJ/i

/** Writes one line of JSON. Secrets are redacted by name and by form; bodies are never passed in. */
export function logEvent(event: Record<string, unknown>): void {
  const line = JSON.stringify(event)
  console.log(SUSPECT.test(line) ? JSON.stringify(event, redact) : line)
}

/** The text of anything thrown, for a log line. */
export function describe(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
}
