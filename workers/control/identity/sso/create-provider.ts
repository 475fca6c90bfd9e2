import type { ProviderRow } from '../../../db/find-providers.ts'
import { insertProvider } from '../../../db/save-provider.ts'
import { GatewayError } from '../../../errors/gateway-error.ts'
import { auditRow } from '../../audit/audit-row.ts'
import type { ControlContext } from '../../http/env.ts'
import { etagOf } from '../../http/etag.ts'
import type { ActingPorts } from '../../ports.ts'
import { checkMayVouch, readProviderInput } from './read-provider-input.ts'
import { renderProvider } from './render-provider.ts'

/** The refusal (409) of a second provider of the same tokens. */
export function providerTaken(): GatewayError {
  return new GatewayError('already_exists', 'There is a provider of this issuer and audience already.', {
    param: 'audience',
  })
}

/** The keys of a provider that was never asked for any. */
export const NO_KEYS = { keySet: null, keySetMs: null, askedMs: null }

/** `POST /v1/identity/sso`. */
export async function createProvider(c: ControlContext, ports: ActingPorts): Promise<Response> {
  checkMayVouch(c.get('principal'))
  const settings = await readProviderInput(c, ports)
  const ids = { tenantId: c.get('principal').tenantId, id: ports.newId() }
  const [createdMs, updatedMs] = [ports.nowMs(), ports.nowMs()]
  const row: ProviderRow = { ...ids, ...settings, ...NO_KEYS, createdMs, updatedMs, version: 1 }
  const resource = { type: 'sso_provider', id: row.id }
  const change = { action: 'sso_provider.create', resource, before: null, after: row } as const
  const outcome = await insertProvider(ports.db, row, auditRow(row.tenantId, change, ports))
  if (outcome !== 'saved') throw providerTaken()
  return c.json({ data: renderProvider(row) }, 201, { etag: etagOf(row.version) })
}
