declare const kind: unique symbol

/**
 * The id of a tenant that somebody has proved to act for. Queries take no other text, so that an id of a path, a query or a
 * body cannot reach one.
 */
export type TenantId = string & { readonly [kind]: 'tenant' }

/**
 * Says that this text is the id of a tenant that may be acted for. Called where a caller is recognised, where a tenant is
 * made, and where a queue's message is read; a test holds the list of those files.
 */
export function asTenantId(text: string): TenantId {
  // A brand has no runtime part: what guarantees it is who calls this.
  return text as TenantId
}
