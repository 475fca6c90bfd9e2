/** Whether a thrown D1 error, or a cause of it, is the violation of this constraint, as SQLite words it. */
export function violates(thrown: unknown, constraint: string): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error.message.includes(`constraint failed: ${constraint}`)) return true
  }
  return false
}
