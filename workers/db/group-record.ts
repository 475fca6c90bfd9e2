import { sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { LimitRows } from './key-record.ts'
import { customer, team } from './schema/keys.ts'

/** What keys can belong to. */
export type GroupKind = 'team' | 'customer'

/** A row of `team`, or of `customer`, which belongs to no customer. */
export type GroupRow = typeof team.$inferSelect

/** Names a team or a customer of a tenant. */
export type GroupPath = { kind: GroupKind; tenantId: TenantId; id: string }

/** A team or customer with its limits. `scopeVersion` is that of its limits, 0 where it never had one. */
export type GroupRecord = LimitRows & { kind: GroupKind; group: GroupRow; scopeVersion: number }

/** The scope of a group's limits. */
export function groupScope({ kind, id }: { kind: GroupKind; id: string }): string {
  return `${kind}:${id}`
}

/** The table of a kind of group. */
export const GROUP_TABLE = { team, customer }

/** The columns of a kind of group, those of a team: a customer's customer is `null`. */
export function groupColumns(kind: GroupKind) {
  const table = GROUP_TABLE[kind]
  const { tenantId, id, name, version, createdMs, updatedMs, deletedMs } = table
  const customerId = kind === 'team' ? sql<string | null>`${team.customerId}` : sql<string | null>`NULL`
  return { tenantId, id, name, customerId, version, createdMs, updatedMs, deletedMs }
}
