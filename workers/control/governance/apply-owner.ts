import { eq } from 'drizzle-orm'
import type { VirtualKeyInput } from '../../contracts/virtual-key-input.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import { selectGroups } from '../../db/find-key.ts'
import { GROUP_TABLE, type GroupKind, type GroupRow } from '../../db/group-record.ts'
import type { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts } from '../ports.ts'
import { invalid } from './invalid.ts'

/** The live team and customer that a body names, where there are such. */
export type NamedOwners = { team: GroupRow | null; customer: GroupRow | null }

/** What a key belongs to. */
export type KeyOwner = NamedOwners

/** A live team or customer of the tenant by its id; `null` where there is none, or no id. */
export async function findNamed(
  kind: GroupKind,
  { tenantId, id }: { tenantId: TenantId; id: string | null | undefined },
  ports: ControlPorts,
): Promise<GroupRow | null> {
  if (!id) return null
  const [row] = await selectGroups(ports.db, kind, { tenantId, where: eq(GROUP_TABLE[kind].id, id) })
  return row ?? null
}

/** Reads the team and the customer that a body names. */
export async function readOwners(
  tenantId: TenantId,
  input: Pick<VirtualKeyInput, 'team_id' | 'customer_id'>,
  ports: ControlPorts,
): Promise<NamedOwners> {
  const [team, customer] = await Promise.all([
    findNamed('team', { tenantId, id: input.team_id }, ports),
    findNamed('customer', { tenantId, id: input.customer_id }, ports),
  ])
  return { team, customer }
}

/** The refusal of a body that names a team or customer that the tenant does not have. */
export function unknownGroup(kind: GroupKind, id: string): GatewayError {
  return invalid(`${kind} not found: ${id}`)
}

/**
 * What a key belongs to after a change: who is named takes the place of who was there, the empty text takes away, and
 * what is not named stays. Throws `request_invalid` for both at once and for unknown ones.
 */
export function applyOwner(current: KeyOwner, input: VirtualKeyInput, named: NamedOwners): KeyOwner {
  const { team_id, customer_id } = input
  if (team_id && customer_id) throw invalid('VirtualKey cannot be attached to both Team and Customer')
  if (team_id && !named.team) throw unknownGroup('team', team_id)
  if (customer_id && !named.customer) throw unknownGroup('customer', customer_id)
  if (team_id) return { team: named.team, customer: null }
  if (customer_id) return { team: null, customer: named.customer }
  return { team: team_id === '' ? null : current.team, customer: customer_id === '' ? null : current.customer }
}
