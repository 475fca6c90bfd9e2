import { z } from 'zod'
import { SetupInput } from '../../contracts/setup-input.ts'
import { ensureTenant } from '../../db/ensure-tenant.ts'
import { insertAdminKey } from '../../db/insert-admin-key.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import { isSameText } from '../http/is-same-text.ts'
import { presentedKey } from '../http/presented-key.ts'
import { readJson } from '../http/read-json.ts'
import type { ControlPorts } from '../ports.ts'

async function checkToken(c: ControlContext, ports: ControlPorts): Promise<void> {
  if (!ports.setupToken) throw new GatewayError('not_found', 'Setup is not open on this server.')
  if (await isSameText(presentedKey(c), ports.setupToken)) return
  throw new GatewayError('key_invalid', 'This is not the setup token.')
}

async function issueAdminKey(tenantId: string, ports: ControlPorts): Promise<string> {
  const id = ports.newId()
  const { text, hash } = await ports.mintKey('admin', { tenantId, id })
  const row = { id, tenantId, name: 'setup', keyHash: hash, role: 'admin', createdMs: ports.nowMs() }
  await insertAdminKey(ports.db, row)
  return text
}

/** `POST /v1/setup`: a tenant and an admin key for it (201); for a tenant that exists, one more admin key (200). */
export async function setUp(c: ControlContext, ports: ControlPorts): Promise<Response> {
  await checkToken(c, ports)
  const body = { schema: SetupInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const { tenant_name: name } = await readJson(c.req.raw, body)
  const tenant = await ensureTenant(ports.db, { id: ports.newId(), name, createdMs: ports.nowMs() })
  const data = { tenant_id: tenant.id, tenant_name: name, admin_key: await issueAdminKey(tenant.id, ports) }
  return c.json({ data }, tenant.isNew ? 201 : 200)
}
