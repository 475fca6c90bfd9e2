import type { KeySnapshot, ScopeSnapshot } from '../snapshot.ts'
import type { AdmitCommand, Standing } from './admit.ts'
import type { GrowCommand } from './grow.ts'
import type {
  LeaseAnswer,
  LeaseReport,
  LeaseRequest,
  LimitWindow,
  OwnerStanding,
  RecallAnswer,
  RecallRequest,
} from './lease-protocol.ts'
import type { HeldSettle, SettleCommand } from './settle.ts'
import type { AlertRef } from './thresholds.ts'

/**
 * An admission as it reaches the meter: decided only if the caller has seen the meter's own snapshot. `tells`: whether all limits'
 * standings are told, or of each unit the tightest (`tightest-standings.ts`).
 */
export type MeterAdmit = AdmitCommand & { snapshotVersion: number; tells?: 'all' | 'tightest' }

/** `stale`: the caller must decide again by this snapshot (`null`: there is no such key). */
export type MeterAdmission =
  | { kind: 'admitted'; standings: Standing[] }
  /** `isRate`: the tokens and the requests of the standing's scope are both used up. */
  | { kind: 'refused'; standing: Standing; needed: number; isRate?: boolean }
  | { kind: 'settled' }
  /** An owner of a limit could not be reached, or could not tell in time. Nothing is held. */
  | { kind: 'unavailable' }
  | { kind: 'stale'; snapshot: KeySnapshot | null }

/** Settlements of other attempts that come along with an admission; they come first, whatever becomes of it. */
export type MeterExchange = { admit: MeterAdmit; settles: HeldSettle[] }

/** `unknown`: which of the settlements are of attempts unknown here, to be told in full. */
export type MeterExchangeAnswer = { admission: MeterAdmission; unknown: number[] }

/** Whether a hold was raised. `gone`: its cost has been assumed. `unavailable`: an owner could not be reached. */
export type MeterGrowth =
  | { kind: 'grown' }
  | { kind: 'refused'; standing: Standing; needed: number }
  | { kind: 'gone' | 'unavailable' }

/** Names one attempt of one call. */
export type AttemptRef = { callId: string; attempt: number }

/** How a limit stands, and what of it is held; for display. */
export type MeterReading = { standings: Standing[]; holds: number; unshipped: number }

/** What the rest of Weir may ask of a meter. Every command may be repeated. */
export type Meter = {
  snapshot(): Promise<KeySnapshot | null>
  admit(command: MeterAdmit): Promise<MeterAdmission>
  /** Raises a hold to what the command names, on all its limits or none. */
  grow(command: GrowCommand): Promise<MeterGrowth>
  /** `false`: the hold is gone, its cost has been assumed. */
  extend(command: AttemptRef & { deadlineMs: number }): Promise<boolean>
  /** Takes back a hold that was never sent. */
  release(command: AttemptRef): Promise<void>
  settle(command: SettleCommand): Promise<void>
  read(nowMs: number): Promise<MeterReading>
  putSnapshot(snapshot: KeySnapshot): Promise<void>
  /** Says what was spent of a lease, for display. */
  reportLease(at: LimitWindow): Promise<LeaseReport>
  /** Gives back idle lease to its owner. */
  recall(at: RecallRequest): Promise<RecallAnswer>
  /** Tells that the outbox rows with these numbers are in D1. */
  confirm(seqs: number[]): Promise<void>
  /** Tells that these statements are in D1. */
  confirmHours(statements: { hourMs: number; revision: number }[]): Promise<void>
  /** Tells that these alerts are in D1. */
  confirmAlerts(alerts: AlertRef[]): Promise<void>
}

/** A meter as its object answers. */
export type MeterEndpoint = Meter & { exchange(commands: MeterExchange): Promise<MeterExchangeAnswer> }

/** Names one of a key's meters: without `part` the first one, which every key has (see `meter-part.ts`). */
export type MeterRef = { tenantId: string; keyId: string; part?: string | undefined }

/** The name of a meter. Tenant first, so that no two tenants can meet in one object. */
export function meterName({ tenantId, keyId, part }: MeterRef): string {
  return part === undefined ? `${tenantId}/${keyId}` : `${tenantId}/${keyId}/${part}`
}

/** What a meter's name tells. */
export function meterOwner(name: string): MeterRef {
  const [tenantId = '', keyId = '', part] = name.split('/')
  return part === undefined ? { tenantId, keyId } : { tenantId, keyId, part }
}

/** What may be asked of the budget of a scope: the owner of its limits. Every command may be repeated. */
export type Budget = {
  lease(request: LeaseRequest): Promise<LeaseAnswer>
  /** What a meter gave back, or spent, unasked. */
  report(meter: string, reports: LeaseReport[], nowMs: number): Promise<void>
  /** Takes a newer snapshot; answers when a lowered limit is in force everywhere. */
  putSnapshot(snapshot: ScopeSnapshot): Promise<void>
  /** How the scope's limits stand in the windows of an instant. */
  read(nowMs: number): Promise<OwnerStanding[]>
  /** Tells that these alerts are in D1. */
  confirmAlerts(alerts: AlertRef[]): Promise<void>
}

/** The name of a scope's budget. */
export function budgetName(ref: { tenantId: string; scope: string }): string {
  return `${ref.tenantId}/${ref.scope}`
}

/** The meter that owned a scope's limits while its key had one meter; `undefined` for all scopes but a key's. */
export function meterBefore({ tenantId, scope }: { tenantId: string; scope: string }): string | undefined {
  const keyId = /^virtual_key:([^/]+)/.exec(scope)?.[1]
  return keyId === undefined ? undefined : meterName({ tenantId, keyId })
}

/** The tenant and scope that a budget's name tells. */
export function budgetOwner(name: string): { tenantId: string; scope: string } {
  const slash = name.indexOf('/')
  return { tenantId: name.slice(0, slash), scope: name.slice(slash + 1) }
}
