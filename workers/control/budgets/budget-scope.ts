import type { BudgetOwner } from '../../contracts/budget-input.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import { joinedScope, partsOf } from '../../core/quota/joined-scope.ts'
import { readScope } from '../limits/read-scope.ts'

/** Whose budget a scope's is, in LLMGovernor's words. */
export type ShownOwner = { agent_name: string | null; user_id: string | null; tags: Record<string, string> }

/** The scope whose limits bind the requests that all of this is true of; without any of it, all of the tenant's. */
export function scopeOfBudget({ agent_name, user_id, tags }: BudgetOwner, tenantId: TenantId): string {
  const parts = [
    ...(agent_name ? [`agent:${agent_name}`] : []),
    ...(user_id ? [`user:${user_id}`] : []),
    ...Object.entries(tags ?? {}).map(([name, value]) => `tag:${name}=${value}`),
  ]
  const [only = `tenant:${tenantId}`, ...others] = parts
  return readScope(others.length > 0 ? joinedScope(parts) : only, { tenantId, providers: [] })
}

function after(kind: string, parts: string[]): string[] {
  return parts.filter(part => part.startsWith(`${kind}:`)).map(part => part.slice(kind.length + 1))
}

/** The same, read from a scope; `undefined` for one that no budget is of. */
export function ownerOfScope(scope: string): ShownOwner | undefined {
  const parts = partsOf(scope)
  if (!parts.every(part => /^(agent|user|tag|tenant):/.test(part))) return undefined
  const [agent_name = null] = after('agent', parts)
  const [user_id = null] = after('user', parts)
  const tags = after('tag', parts).map(text => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)])
  return { agent_name, user_id, tags: Object.fromEntries(tags) }
}
