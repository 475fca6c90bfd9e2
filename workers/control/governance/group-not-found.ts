import type { GroupKind } from '../../db/group-record.ts'
import { GatewayError } from '../../errors/gateway-error.ts'

/** What the contract calls a kind of group. */
export const GROUP_TITLE: Record<GroupKind, string> = { team: 'Team', customer: 'Customer' }

/** The same words for a team or customer that never was, was deleted, or is another tenant's. */
export function groupNotFound(kind: GroupKind): GatewayError {
  return new GatewayError('not_found', `${GROUP_TITLE[kind]} not found`)
}
