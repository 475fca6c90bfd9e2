import { z } from 'zod'
import { RefreshInput } from '../../contracts/auth-input.ts'
import { asTenantId } from '../../core/access/tenant-id.ts'
import { readRefreshText } from '../../core/sign-in/refresh-text.ts'
import { findRefreshToken, type RefreshRow } from '../../db/find-session.ts'
import { signInRefused } from '../access/unauthorized.ts'
import { readJson } from '../http/read-json.ts'
import type { ControlPorts } from '../ports.ts'

/** The stored refresh token that a body presents, used and revoked ones included. Throws `sign_in_refused` for one that never was. */
export async function readRefreshToken(request: Request, ports: ControlPorts): Promise<RefreshRow> {
  const explain = z.prettifyError
  const body = { schema: RefreshInput, maxBytes: ports.maxBodyBytes, explain, isExact: true } as const
  const input = await readJson(request, body)
  const ref = readRefreshText('refreshToken' in input ? input.refreshToken : input.refresh_token)
  const path = ref && { tenantId: asTenantId(ref.tenantId), tokenHash: ref.tokenHash }
  const row = path && (await findRefreshToken(ports.db, path))
  if (!row) throw signInRefused()
  return row
}
