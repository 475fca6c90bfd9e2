import type { GroupDetails } from '../../db/find-group-details.ts'
import type { GroupKind, GroupRow } from '../../db/group-record.ts'
import type { KeyRow } from '../../db/key-record.ts'
import type { KeyUsage } from './key-usage.ts'
import { renderLimits } from './render-limits.ts'

/** A team or customer to show, with the usage of its limits. */
export type ShownGroup = { details: GroupDetails; usage: KeyUsage }

function times({ createdMs, updatedMs }: { createdMs: number; updatedMs: number }) {
  return {
    config_hash: '',
    created_at: new Date(createdMs).toISOString(),
    updated_at: new Date(updatedMs).toISOString(),
  }
}

/** A team or customer as it is shown within something else. */
export function renderGroupBrief(kind: GroupKind, group: GroupRow) {
  const customer = kind === 'team' ? { customer_id: group.customerId ?? undefined } : {}
  return { id: group.id, name: group.name, ...customer, ...times(group) }
}

function renderKeyBrief(key: KeyRow) {
  return {
    id: key.id,
    name: key.name,
    value: key.maskedValue,
    is_active: key.isActive,
    team_id: key.teamId ?? undefined,
    customer_id: key.customerId ?? undefined,
    ...times(key),
  }
}

function renderTeam({ details, usage }: ShownGroup) {
  const { group, customer, keys } = details
  return {
    id: group.id,
    name: group.name,
    customer_id: group.customerId ?? undefined,
    customer: customer ? renderGroupBrief('customer', customer) : undefined,
    ...renderLimits(details, usage),
    virtual_keys: keys.map(renderKeyBrief),
    virtual_key_count: keys.length,
    profile: null,
    config: null,
    claims: null,
    ...times(group),
  }
}

function renderCustomer({ details, usage }: ShownGroup) {
  const { group, teams, keys } = details
  return {
    id: group.id,
    name: group.name,
    ...renderLimits(details, usage),
    teams: teams.map(team => renderGroupBrief('team', team)),
    virtual_keys: keys.map(renderKeyBrief),
    ...times(group),
  }
}

/** A team or customer as Bifrost shows it (contract 1.2, 1.3). */
export function renderGroup(shown: ShownGroup) {
  return shown.details.kind === 'team' ? renderTeam(shown) : renderCustomer(shown)
}
