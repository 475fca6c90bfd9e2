import { z } from 'zod'
import { TenantInput, type TenantSettingsInput } from '../../contracts/tenant-input.ts'
import type { StoredSettings } from '../../core/access/tenant-settings.ts'
import type { TenantRow } from '../../db/find-tenant.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { changeTenant } from './change-tenant.ts'
import { renderTenant } from './tenant-shape.ts'

// What is the default is left out, so that one day's default is not written into tenants for ever.
function isDefault([name, value]: [string, unknown]): boolean {
  if (Array.isArray(value)) return value.length === 0
  return value === null || value === undefined || (name === 'budget_exceeded_status' && value === 429)
}

function settle(stored: StoredSettings, { allowed_origins: _, ...input }: TenantSettingsInput): StoredSettings {
  const given = Object.entries(input).filter(([, value]) => value !== undefined)
  const all = Object.entries({ ...stored, ...Object.fromEntries(given) })
  return Object.fromEntries(all.filter(entry => !isDefault(entry))) as StoredSettings
}

function originsOf({ allowedOrigins }: TenantRow, { allowed_origins: given }: TenantSettingsInput): string[] | null {
  return given === undefined ? allowedOrigins : given && [...new Set(given)]
}

function applyInput(row: TenantRow, { name, settings = {} }: TenantInput): TenantRow {
  return {
    ...row,
    displayName: name ?? row.displayName,
    allowedOrigins: originsOf(row, settings),
    settings: settle(row.settings, settings),
  }
}

/** `PATCH /v1/tenant`: changes what the body names. What concerns keys is in force before the answer. */
export async function updateTenant(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: TenantInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  const change = (row: TenantRow) => applyInput(row, input)
  const row = await changeTenant(c.get('principal').tenantId, { action: 'tenant.update', change }, ports)
  return c.json({ data: renderTenant(row) }, 200, { etag: etagOf(row.version) })
}
