import { findProvider, type ProviderRow } from '../../../db/find-providers.ts'
import { GatewayError } from '../../../errors/gateway-error.ts'
import type { ControlContext } from '../../http/env.ts'
import type { ControlPorts } from '../../ports.ts'
import { storedProviderId } from './render-provider.ts'

/** The provider that a path names, of the caller's tenant. Throws `not_found`. */
export async function findMine(c: ControlContext, ports: ControlPorts): Promise<ProviderRow> {
  const path = { tenantId: c.get('principal').tenantId, id: storedProviderId(c.req.param('id') ?? '') }
  const row = await findProvider(ports.db, path)
  if (!row) throw new GatewayError('not_found', 'There is no such identity provider.')
  return row
}
