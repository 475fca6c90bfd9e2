import { RotateKeysInput } from '../../contracts/rotate-keys-input.ts'
import type { KeyRecord } from '../../db/key-record.ts'
import { toGatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { readJson } from '../http/read-json.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ActingPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { changeKey, type KeyPath } from './change-key.ts'
import { explainFlaw } from './explain-flaw.ts'
import { invalid } from './invalid.ts'
import { newSecret } from './new-secret.ts'
import { readKeyUsage } from './read-key-usage.ts'
import { renderKey, type ShownKey } from './render-key.ts'

// A change that did not reach the meter says so, and its text is lost: what was before may still be good, so that this must
// not be said to be done. Whoever asks again gets another.
async function rotated(path: KeyPath, ports: ActingPorts): Promise<ShownKey> {
  const { text, ...secret } = await newSecret(path, ports)
  const change = (current: KeyRecord) => ({ ...current, key: { ...current.key, ...secret, updatedMs: ports.nowMs() } })
  const record = await changeKey({ ...path, action: 'virtual_key.rotate' }, change, ports)
  const [usage, known] = await Promise.all([readKeyUsage(record, ports), readProviders(path.tenantId, ports)])
  return { record, usage, known, text }
}

/** `POST /api/governance/virtual-keys/{id}/rotate`: a new text, shown here alone; the one before is refused by the next request. */
export async function rotateKey(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const shown = await rotated({ tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' }, ports)
  const etag = etagOf(shown.record.key.version)
  return c.json(
    await withConfigHashes({ message: 'Virtual key rotated successfully', virtual_key: renderKey(shown) }, c, ports),
    200,
    { etag },
  )
}

async function readIds(c: ControlContext, ports: ActingPorts): Promise<string[]> {
  const spec = { schema: RotateKeysInput, maxBytes: ports.maxBodyBytes, explain: explainFlaw }
  const ids = (await readJson(c.req.raw, spec)).ids ?? []
  if (ids.length === 0) throw invalid('At least one virtual key ID is required')
  if (ids.some(id => id.trim() === '')) throw invalid('Virtual key ID cannot be empty')
  return [...new Set(ids)]
}

/**
 * `POST /api/governance/virtual-keys/rotate`: each key by itself, so that some may fail and the others be new. Where all fail
 * the contract has 500 with the failures; `index` is the place in `ids`, repeated ones not counted.
 */
export async function rotateKeys(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const keys: ReturnType<typeof renderKey>[] = []
  const errors: { index: number; error: string }[] = []
  for (const [index, id] of (await readIds(c, ports)).entries()) {
    await rotated({ tenantId, id }, ports).then(
      shown => keys.push(renderKey(shown)),
      thrown => errors.push({ index, error: toGatewayError(thrown).detail }),
    )
  }
  const isLost = keys.length === 0
  const message = isLost ? 'Failed to rotate virtual keys' : 'Virtual keys rotated successfully'
  return c.json(
    await withConfigHashes({ message, virtual_keys: keys, ...(errors.length > 0 && { errors }) }, c, ports),
    isLost ? 500 : 200,
  )
}
