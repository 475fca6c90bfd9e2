import { z } from 'zod'
import { PlaceInput } from '../../contracts/admin-tenant-input.ts'
import { asTenantId } from '../../core/access/tenant-id.ts'
import type { TenantRow } from '../../db/find-tenant.ts'
import { beginMove, findMove, type TenantMove } from '../../db/move/tenant-move.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ControlContext } from '../http/env.ts'
import { badParam } from '../http/query.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { requireTenant } from '../tenant/change-tenant.ts'

const count = z.int().min(0)

/** Where a tenant's events are and, while they are moved, where to and how far that is. */
export const PlaceShape = z.object({
  shard: count,
  move: z
    .object({
      ...{ from: count, to: count },
      state: z.enum(['marking', 'pausing', 'copying', 'settling', 'emptying']),
      since: z.iso.datetime(),
      ...{ rows_copied: count, rows_moved: count },
    })
    .nullable(),
})

function renderMove({ source, target, state, sinceMs, copied, moved }: TenantMove) {
  const since = new Date(sinceMs).toISOString()
  return { from: source, to: target, state, since, rows_copied: copied, rows_moved: moved }
}

async function placeOf({ id, shard }: TenantRow, ports: ControlPorts): Promise<{ data: z.input<typeof PlaceShape> }> {
  const move = await findMove(ports.db, id)
  return { data: { shard, move: move ? renderMove(move) : null } }
}

const named = (c: ControlContext, ports: ControlPorts) => requireTenant(asTenantId(c.req.param('id') ?? ''), ports)

/** `GET /v1/admin/tenants/:id/shard`. */
export async function getPlace(c: ControlContext, ports: ControlPorts): Promise<Response> {
  return c.json(await placeOf(await named(c, ports), ports))
}

async function begin(row: TenantRow, target: number, ports: ActingPorts): Promise<void> {
  const move = { tenantId: row.id, source: row.shard, target, sinceMs: ports.nowMs() }
  const resource = { type: 'tenant', id: row.id }
  const change = { action: 'tenant.move', resource, before: { shard: row.shard }, after: { shard: target } } as const
  if (await beginMove(ports.db, move, auditRow(row.id, change, ports))) return
  throw new GatewayError('already_exists', 'The events of this tenant are being moved already.', { param: 'shard' })
}

/** `PUT /v1/admin/tenants/:id/shard`: has a tenant's events moved to another database. The cron does it. */
export async function moveTenant(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: PlaceInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const { shard: target } = await readJson(c.req.raw, body)
  const row = await named(c, ports)
  if (!ports.shards.some(({ number }) => number === target)) {
    throw badParam('shard', `a shard that there is: 0 to ${ports.shards.length - 1}`)
  }
  const isThere = row.shard === target && !(await findMove(ports.db, row.id))
  if (!isThere) await begin(row, target, ports)
  return c.json(await placeOf(row, ports), isThere ? 200 : 202)
}
