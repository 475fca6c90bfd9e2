/** The members of a JSON object; none where the value is anything else. For reading what others sent. */
export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
