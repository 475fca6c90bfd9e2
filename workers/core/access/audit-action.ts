/** What was done to what: `virtual_key.create`. */
export type AuditAction = `${string}.${string}`

/** Whom the words of an action are of. */
export type AuditResource = { type: string; id: string }

/** A change to be told: the rows before and after it, `null` where there was nothing or is nothing any more. */
export type AuditChange = { action: AuditAction; resource: AuditResource; before: unknown; after: unknown }

const SECRET = /hash$|secret|password|sealed/i

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}

/**
 * Rows as the audit trail keeps them: under their names in the database, and without what a credential could be checked
 * against or made of.
 */
export function auditForm(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(auditForm)
  const told = Object.entries(value).filter(([name]) => !SECRET.test(name))
  return Object.fromEntries(told.map(([name, item]) => [snake(name), auditForm(item)]))
}
