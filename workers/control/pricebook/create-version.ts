import { z } from 'zod'
import { PricebookInput } from '../../contracts/pricebook-input.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import { DAY_MS } from '../../db/hours.ts'
import { findLiveVersions, listVersions, type VersionRow } from '../../db/pricebook-versions.ts'
import { savePricebook } from '../../db/save-pricebook.ts'
import { auditRow } from '../audit/audit-row.ts'
import { invalid } from '../governance/invalid.ts'
import { putScopeInForce } from '../governance/put-scope-in-force.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import type { ControlContext } from '../http/env.ts'
import { parseIsoTime } from '../http/iso-time.ts'
import { badParam } from '../http/query.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { readEntries } from './read-entries.ts'
import { renderVersion } from './render-version.ts'

const MAX_AHEAD_MS = 5 * 366 * DAY_MS
/** A batch is priced as of when it was made, which is not longer ago than this. */
const KEPT_MS = 3 * DAY_MS
/** Every key's snapshot holds all versions that a request can still be priced by. */
const MAX_CHARS = 64 * 1024

function effectiveMs({ effective_from: text }: PricebookInput, nowMs: number): number {
  if (text === null || text === undefined) return nowMs
  const time = parseIsoTime(text)
  if (!time?.hasSeconds || !time.hasZone) throw badParam('effective_from', 'an RFC 3339 timestamp')
  const rule = 'now or later, as a change of price is never applied backwards: leave it out for now'
  if (time.ms < nowMs) throw badParam('effective_from', rule)
  if (time.ms > nowMs + MAX_AHEAD_MS) throw badParam('effective_from', 'within five years')
  return time.ms
}

async function checkSize(row: VersionRow, ports: ActingPorts): Promise<void> {
  const live = await findLiveVersions(ports.db, row.tenantId)
  const chars = [...live, row].reduce((sum, { rates }) => sum + JSON.stringify(rates).length, 0)
  if (chars <= MAX_CHARS) return
  throw invalid(
    `The versions that are in force or will be have ${chars} characters together, of at most ${MAX_CHARS}: use wildcards, or fewer entries`,
  )
}

async function nextNumber(tenantId: TenantId, ports: ActingPorts): Promise<number> {
  const { versions } = await listVersions(ports.db, { tenantId, limit: 1, offset: 0 })
  return (versions[0]?.number ?? 0) + 1
}

async function save(row: VersionRow, ports: ActingPorts): Promise<VersionRow | undefined> {
  const { tenantId, id, createdMs } = row
  const resource = { type: 'pricebook_version', id }
  const audit = auditRow(tenantId, { action: 'pricebook.create', resource, before: null, after: row }, ports)
  const saved = await savePricebook(ports.db, { row, retiredMs: createdMs - KEPT_MS, audit })
  if (saved.kind === 'stale') return undefined
  await putScopeInForce({ tenantId, scopes: [], keys: saved.keys }, ports)
  return row
}

/** `POST /v1/pricebook`: a version that says what models cost from an instant on, which is never in the past. */
export async function createVersion(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const spec = { schema: PricebookInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, spec)
  const { tenantId } = c.get('principal')
  const { names } = await readProviders(tenantId, ports)
  const entries = readEntries(input.entries, names)
  const nowMs = ports.nowMs()
  const row = {
    ...{ tenantId, id: ports.newId(), number: 0, note: input.note ?? '', effectiveMs: effectiveMs(input, nowMs) },
    ...{ entries: entries.map(({ said }) => said), rates: entries.map(({ rates }) => rates) },
    ...{ isRetired: false, createdMs: nowMs },
  }
  await checkSize(row, ports)
  const saved = await retryWhileStale(async () => save({ ...row, number: await nextNumber(tenantId, ports) }, ports))
  return c.json({ data: renderVersion(saved) }, 201)
}
