import type { TenantId } from '../../core/access/tenant-id.ts'
import type { Behaviour } from '../../db/key-record.ts'

/** What a limit does of which nothing is said. */
export const DEFAULT_BEHAVIOUR: Behaviour = {
  onExceed: 'refuse',
  clampFloor: null,
  downgradeTo: null,
  thresholds: null,
  fiscalYearStart: null,
}

/** The override of a budget that has none. */
export const NO_OVERRIDE = { overrideAmountNano: null, overrideFromMs: null, overrideUntilMs: null }

/** Whose limits are being made or changed, and what all limits of the owner have in common. */
export type LimitOwner = {
  tenantId: TenantId
  scope: string
  /** The virtual key that the limits are of; `null` for those of other scopes. */
  keyId: string | null
  /** The key's provider config that the limits are of; `null` for the owner's own. */
  configId: number | null
  /** The owner's `calendar_aligned`. */
  isAligned: boolean
  /** The request sets the owner's `calendar_aligned`, and with it that of limits that are there already. */
  isAlignedAnew: boolean
  /** Of none of its budgets anything is to be spent. */
  isUsageReset: boolean
  nowMs: number
  newId(): string
}

/** The columns that a new limit row of this owner begins with. */
export function newLimitRow(owner: LimitOwner) {
  return {
    tenantId: owner.tenantId,
    id: owner.newId(),
    scope: owner.scope,
    virtualKeyId: owner.keyId,
    providerConfigId: owner.configId,
    calendarAligned: owner.isAligned,
    anchorMs: owner.nowMs,
    createdMs: owner.nowMs,
    ...DEFAULT_BEHAVIOUR,
  }
}

/** The rows in the scope that the owner has now, with their alignment or with the alignment that the request sets for all of them. */
export function realign<R extends { scope: string; calendarAligned: boolean; updatedMs: number }>(
  rows: R[],
  owner: LimitOwner,
): R[] {
  const { scope } = owner
  if (!owner.isAlignedAnew) return rows.map(row => ({ ...row, scope }))
  return rows.map(row => ({ ...row, scope, calendarAligned: owner.isAligned, updatedMs: owner.nowMs }))
}
