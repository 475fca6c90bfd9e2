import type { KeySnapshot } from '../snapshot.ts'
import type { AdmitCommand, Standing } from './admit.ts'
import type { SettleCommand } from './settle.ts'

/** An admission as it reaches the meter: decided only if the caller has seen the meter's own snapshot. */
export type MeterAdmit = AdmitCommand & { snapshotVersion: number }

/** `stale`: the caller must decide again by this snapshot (`null`: there is no such key). */
export type MeterAdmission =
  | { kind: 'admitted'; standings: Standing[] }
  | { kind: 'refused'; standing: Standing; needed: number }
  | { kind: 'settled' }
  | { kind: 'stale'; snapshot: KeySnapshot | null }

/** Names one attempt of one call. */
export type AttemptRef = { callId: string; attempt: number }

/** How a limit stands, and what of it is held; for display. */
export type MeterReading = { standings: Standing[]; holds: number; unshipped: number }

/** What the rest of Weir may ask of a meter. Every command may be repeated. */
export type Meter = {
  snapshot(): Promise<KeySnapshot | null>
  admit(command: MeterAdmit): Promise<MeterAdmission>
  /** `false`: the hold is gone, its cost has been assumed. */
  extend(command: AttemptRef & { deadlineMs: number }): Promise<boolean>
  /** Takes back a hold that was never sent. */
  release(command: AttemptRef): Promise<void>
  settle(command: SettleCommand): Promise<void>
  read(nowMs: number): Promise<MeterReading>
  putSnapshot(snapshot: KeySnapshot): Promise<void>
  /** Tells that the outbox rows with these numbers are in D1. */
  confirm(seqs: number[]): Promise<void>
}

/** The name of a key's meter. Tenant first, so that no two tenants can meet in one object. */
export function meterName(ref: { tenantId: string; keyId: string }): string {
  return `${ref.tenantId}/${ref.keyId}`
}

/** The owner that a meter's name tells. */
export function meterOwner(name: string): { tenantId: string; keyId: string } {
  const [tenantId = '', keyId = ''] = name.split('/')
  return { tenantId, keyId }
}
