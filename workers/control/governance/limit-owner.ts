/** Whose limits are being made or changed, and what all limits of the key have in common. */
export type LimitOwner = {
  tenantId: string
  keyId: string
  /** The provider config that the limits are of; `null` for the key's own. */
  configId: number | null
  /** The key's `calendar_aligned`. */
  isAligned: boolean
  /** The request sets the key's `calendar_aligned`, and with it that of limits that are there already. */
  isAlignedAnew: boolean
  nowMs: number
  newId(): string
}

/** The columns that a new limit row of this owner begins with. */
export function newLimitRow(owner: LimitOwner) {
  return {
    tenantId: owner.tenantId,
    id: owner.newId(),
    virtualKeyId: owner.keyId,
    providerConfigId: owner.configId,
    calendarAligned: owner.isAligned,
    anchorMs: owner.nowMs,
    createdMs: owner.nowMs,
  }
}

/** The rows as they are, or with the alignment that the request sets for all of them. */
export function realign<R extends { calendarAligned: boolean; updatedMs: number }>(rows: R[], owner: LimitOwner): R[] {
  if (!owner.isAlignedAnew) return rows
  return rows.map(row => ({ ...row, calendarAligned: owner.isAligned, updatedMs: owner.nowMs }))
}
