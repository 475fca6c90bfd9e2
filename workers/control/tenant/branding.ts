import { z } from 'zod'
import { BrandingInput } from '../../contracts/tenant-page-input.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import { type BrandingRow, findBranding, saveBranding } from '../../db/branding.ts'
import { auditRow } from '../audit/audit-row.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import type { ControlContext } from '../http/env.ts'
import { checkIfMatch, etagOf } from '../http/etag.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'

const text = z.string().nullable()

/** How a tenant's pages look; `null`: as Weir's. */
export const BrandingShape = z.object({
  logo_url: text,
  primary_color: text,
  accent_color: text,
  background_color: text,
  custom_domain: text.meta({ description: 'Kept for the operator, who has to route it.' }),
  updated_at: z.iso.datetime().nullable(),
})

function render(row: BrandingRow | undefined): z.input<typeof BrandingShape> {
  return {
    logo_url: row?.logoUrl ?? null,
    primary_color: row?.primaryColor ?? null,
    accent_color: row?.accentColor ?? null,
    background_color: row?.backgroundColor ?? null,
    custom_domain: row?.customDomain ?? null,
    updated_at: row ? new Date(row.updatedMs).toISOString() : null,
  }
}

/** `GET /v1/tenant/branding`. */
export async function getBranding(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const row = await findBranding(ports.db, c.get('principal').tenantId)
  return c.json({ data: render(row) }, 200, { etag: etagOf(row?.version ?? 0) })
}

function rowOf(tenantId: TenantId, input: BrandingInput, now: { updatedMs: number; version: number }): BrandingRow {
  return {
    tenantId,
    logoUrl: input.logo_url ?? null,
    primaryColor: input.primary_color ?? null,
    accentColor: input.accent_color ?? null,
    backgroundColor: input.background_color ?? null,
    customDomain: input.custom_domain ?? null,
    ...now,
  }
}

/** `PUT /v1/tenant/branding`: takes the place of all that was said. */
export async function putBranding(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: BrandingInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  const { tenantId } = c.get('principal')
  const saved = await retryWhileStale(async () => {
    const before = await findBranding(ports.db, tenantId)
    const version = before?.version ?? 0
    checkIfMatch(version, ports)
    const row = rowOf(tenantId, input, { updatedMs: ports.nowMs(), version: version + 1 })
    const resource = { type: 'branding', id: 'branding' }
    const change = { action: 'branding.update', resource, before: before ?? null, after: row } as const
    return (await saveBranding(ports.db, row, auditRow(tenantId, change, ports))) ? row : undefined
  })
  return c.json({ data: render(saved) }, 200, { etag: etagOf(saved.version) })
}
