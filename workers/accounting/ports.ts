import type { AlertMessage, StatementRef } from '../contracts/usage-message.ts'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { OwnerStanding } from '../core/quota/lease-protocol.ts'
import type { MeterRef } from '../core/quota/meter-protocol.ts'
import type { AlertRef } from '../core/quota/thresholds.ts'
import type { KeySnapshot, ScopeSnapshot } from '../core/snapshot.ts'
import type { WebhookRef } from '../core/webhooks/webhook-ref.ts'
import type { EventsDb } from '../db/database.ts'
import type { Databases } from '../db/shards.ts'
import type { ExportPorts } from './exports/export-ports.ts'

/** All that accounting needs of the outside. */
export type AccountingPorts = Databases & {
  /** Tells a meter that these rows of its outbox are in D1. It may be told again, and ships again what it was not told. */
  confirm(meter: MeterRef, seqs: number[]): Promise<void>
  /** Tells a meter that these statements of its hours are in D1. */
  confirmHours(meter: MeterRef, statements: StatementRef[]): Promise<void>
  /** Tells who noticed these alerts that they are in D1. */
  confirmAlerts(from: AlertMessage['from'], alerts: AlertRef[]): Promise<void>
  /** UTC epoch milliseconds. */
  nowMs(): number
  /** Has what a webhook is to be told sent. It may be woken again, and for nothing. */
  wakeWebhook(webhook: WebhookRef): Promise<void>
  log(event: Record<string, unknown>): void
  /** Gives a snapshot to its key's meter, which keeps the newest version it was given. */
  pushSnapshot(snapshot: KeySnapshot): Promise<void>
  /** Gives a snapshot to its scope's budget object, which keeps the newest version it was given. */
  pushScope(snapshot: ScopeSnapshot): Promise<void>
  /** How the limits of a scope above the virtual key stand, as its budget object knows it. */
  readBudgets(owner: { tenantId: TenantId; scope: string }): Promise<OwnerStanding[]>
  exports: ExportPorts
  /** How many days events stay in D1 where their tenant says nothing else, and how many of them make a file of the archive. */
  archive: { retentionDays: number; fileRows: number }
}

/** The same for what is done of all tenants whose events are in one database. */
export type ShardPorts = AccountingPorts & { shard: number; events: EventsDb }
