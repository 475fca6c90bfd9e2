import { GroupInput } from '../../contracts/group-input.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { GroupKind, GroupPath } from '../../db/group-record.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ControlPorts } from '../ports.ts'
import type { GroupChange } from './apply-group.ts'
import { findNamed } from './apply-owner.ts'
import { explainFlaw } from './explain-flaw.ts'

/** The team or customer that a request's path names. */
export function groupPath(c: ControlContext, kind: GroupKind): GroupPath {
  return { kind, tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' }
}

/** The body of a create or an update. Throws as `readJson` does, in the words of `explainFlaw`. */
export function readGroupInput(c: ControlContext, ports: ControlPorts): Promise<GroupInput> {
  return readJson(c.req.raw, { schema: GroupInput, maxBytes: ports.maxBodyBytes, explain: explainFlaw })
}

/** The body with the customer that it names. */
export async function withCustomer(tenantId: TenantId, input: GroupInput, ports: ControlPorts): Promise<GroupChange> {
  return { input, customer: await findNamed('customer', { tenantId, id: input.customer_id }, ports) }
}
