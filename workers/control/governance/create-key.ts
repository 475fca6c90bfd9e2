import type { VirtualKeyInput } from '../../contracts/virtual-key-input.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { KeyRecord } from '../../db/key-record.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { NEW_HANDLING } from './apply-handling.ts'
import { applyInput } from './apply-input.ts'
import { readOwners } from './apply-owner.ts'
import { keyUsage } from './key-usage.ts'
import { newSecret } from './new-secret.ts'
import { putInForce } from './put-in-force.ts'
import { readKeyInput } from './read-key-input.ts'
import { renderKey } from './render-key.ts'
import { retryWhileStale } from './retry-while-stale.ts'
import { saveRecord } from './save-record.ts'

async function newKey(tenantId: TenantId, ports: ControlPorts): Promise<{ record: KeyRecord; text: string }> {
  const id = ports.newId()
  const nowMs = ports.nowMs()
  const { text, ...secret } = await newSecret({ tenantId, id }, ports)
  const times = { expiresMs: null, createdMs: nowMs, updatedMs: nowMs, deletedMs: null }
  const settings = {
    name: '',
    description: '',
    isActive: true,
    providerConfigs: [],
    mcpConfigs: [],
    calendarAligned: false,
    teamId: null,
    customerId: null,
    ...NEW_HANDLING,
    reliability: null,
  }
  const nothing = { budgets: [], rateLimits: [], team: null, customer: null }
  return {
    text,
    record: { key: { tenantId, id, ...settings, ...secret, ...times, version: 1 }, ...nothing },
  }
}

// Stale where the team or customer that it names was deleted meanwhile; then it is unknown the next time.
async function save(blank: KeyRecord, input: VirtualKeyInput, ports: ActingPorts) {
  const { tenantId } = blank.key
  const [owners, known] = await Promise.all([readOwners(tenantId, input, ports), readProviders(tenantId, ports)])
  const record = applyInput(blank, { ...input, owners, known }, ports)
  const saved = await saveRecord({ before: null, after: record }, ports)
  return saved && { record, saved, known }
}

/** `POST /api/governance/virtual-keys`. The answer is the only one that ever holds the key's text. */
export async function createKey(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const input = await readKeyInput(c, ports)
  const { record: blank, text } = await newKey(c.get('principal').tenantId, ports)
  const { record, saved, known } = await retryWhileStale(() => save(blank, input, ports))
  // A meter that was told nothing reads D1, so the key is in force; and a 503 here would lose its text for good.
  await putInForce(saved, ports).catch(() => undefined)
  c.header('etag', etagOf(record.key.version))
  const usage = keyUsage(record, [], ports.nowMs())
  return c.json(
    await withConfigHashes(
      { message: 'Virtual key created successfully', virtual_key: renderKey({ record, usage, known, text }) },
      c,
      ports,
    ),
  )
}
