import type { ProviderRow } from '../../../db/find-providers.ts'
import { updateProvider as saveRow } from '../../../db/save-provider.ts'
import { auditRow } from '../../audit/audit-row.ts'
import { retryWhileStale } from '../../governance/retry-while-stale.ts'
import type { ControlContext } from '../../http/env.ts'
import { checkIfMatch, etagOf } from '../../http/etag.ts'
import type { ActingPorts } from '../../ports.ts'
import { NO_KEYS, providerTaken } from './create-provider.ts'
import { findMine } from './find-mine.ts'
import { checkMayVouch, type ProviderSettings, readProviderInput } from './read-provider-input.ts'
import { renderProvider } from './render-provider.ts'

async function attempt(settings: ProviderSettings, c: ControlContext, ports: ActingPorts) {
  const before = await findMine(c, ports)
  checkIfMatch(before.version, ports)
  const next = { updatedMs: ports.nowMs(), version: before.version + 1 }
  // Its keys are read anew: its address may be another one.
  const after: ProviderRow = { ...before, ...settings, ...NO_KEYS, ...next }
  const resource = { type: 'sso_provider', id: before.id }
  const audit = auditRow(before.tenantId, { action: 'sso_provider.update', resource, before, after }, ports)
  const outcome = await saveRow(ports.db, after, audit)
  if (outcome === 'taken') throw providerTaken()
  return outcome === 'saved' ? after : undefined
}

/** `PUT /v1/identity/sso/:id`: replaces all settings. In force with the next request. */
export async function updateProvider(c: ControlContext, ports: ActingPorts): Promise<Response> {
  checkMayVouch(c.get('principal'))
  const settings = await readProviderInput(c, ports)
  const row = await retryWhileStale(() => attempt(settings, c, ports))
  return c.json({ data: renderProvider(row) }, 200, { etag: etagOf(row.version) })
}
