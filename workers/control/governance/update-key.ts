import type { KeyRecord } from '../../db/key-record.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ActingPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { applyInput } from './apply-input.ts'
import { readOwners } from './apply-owner.ts'
import { changeKey } from './change-key.ts'
import { invalid } from './invalid.ts'
import { readKeyInput } from './read-key-input.ts'
import { readKeyUsage } from './read-key-usage.ts'
import { renderKey } from './render-key.ts'

function prefixed(thrown: unknown): never {
  if (!(thrown instanceof GatewayError) || thrown.code !== 'request_invalid') throw thrown
  throw invalid(`Failed to update virtual key: ${thrown.detail}`)
}

/** `PUT /api/governance/virtual-keys/{id}`: changes what the body names, and nothing else. */
export async function updateKey(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const input = await readKeyInput(c, ports)
  const path = { tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' }
  const change = async (current: KeyRecord) => {
    const { tenantId } = path
    const [owners, known] = await Promise.all([readOwners(tenantId, input, ports), readProviders(tenantId, ports)])
    return applyInput(current, { ...input, owners, known }, ports)
  }
  const record = await changeKey(path, change, ports).catch(prefixed)
  const [usage, known] = await Promise.all([readKeyUsage(record, ports), readProviders(path.tenantId, ports)])
  c.header('etag', etagOf(record.key.version))
  return c.json(
    await withConfigHashes(
      { message: 'Virtual key updated successfully', virtual_key: renderKey({ record, usage, known }) },
      c,
      ports,
    ),
  )
}
