/** Nobody needs more of a mock, and a schema may ask for any length. */
const MAX_LENGTH = 1024

const FORMATS: ReadonlyMap<unknown, string> = new Map([
  ['date-time', '2026-01-01T00:00:00Z'],
  ['date', '2026-01-01'],
  ['time', '00:00:00Z'],
  ['duration', 'P1D'],
  ['email', 'a@example.com'],
  ['hostname', 'example.com'],
  ['ipv4', '192.0.2.1'],
  ['ipv6', '2001:db8::1'],
  ['uri', 'https://example.com/'],
  ['uuid', '00000000-0000-4000-8000-000000000000'],
])

function length(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? Math.min(value, MAX_LENGTH) : otherwise
}

/** A string of the schema's `format` and length (UTF-16 units); a `pattern` is not looked at. */
export function sampleString({ format, minLength, maxLength }: Record<string, unknown>): string {
  const text = FORMATS.get(format) ?? 'text'
  return text.padEnd(length(minLength, 0), 't').slice(0, length(maxLength, MAX_LENGTH))
}
