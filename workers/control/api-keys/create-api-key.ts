import { z } from 'zod'
import { ApiKeyInput } from '../../contracts/api-key-input.ts'
import type { Principal } from '../../core/access/principal.ts'
import type { ApiKeyRow } from '../../db/find-api-key.ts'
import { insertApiKey } from '../../db/save-api-key.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ControlContext } from '../http/env.ts'
import { badParam } from '../http/query.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { chooseScopes } from './choose-scopes.ts'
import { renderApiKey } from './render-api-key.ts'

/** So much of a key's text tells it from others and holds nothing secret: its kind, its tenant, and a part of its id. */
const PREFIX_CHARS = 'weir-api-'.length + 32

function expiryOf({ expires_at }: ApiKeyInput, nowMs: number): number | null {
  if (!expires_at) return null
  const ms = Date.parse(expires_at)
  if (ms > nowMs) return ms
  throw badParam('expires_at', 'in the future')
}

async function newKey(input: ApiKeyInput, maker: Principal, ports: ActingPorts) {
  const { tenantId } = maker
  const createdMs = ports.nowMs()
  const scopes = chooseScopes(input, maker)
  const expiresMs = expiryOf(input, createdMs)
  const id = ports.newId()
  const { text, hash: keyHash } = await ports.mintKey('api', { tenantId, id })
  const names = { tenantId, id, name: input.name, prefix: text.slice(0, PREFIX_CHARS), keyHash }
  const times = { expiresMs, lastUsedMs: null, createdMs, revokedMs: null }
  const row: ApiKeyRow = { ...names, role: input.role, scopes, createdBy: `${maker.kind}:${maker.id}`, ...times }
  return { row, text }
}

/** `POST /v1/api-keys`. The answer is the only one that ever holds the key's text. */
export async function createApiKey(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: ApiKeyInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  const { row, text } = await newKey(input, c.get('principal'), ports)
  const resource = { type: 'api_key', id: row.id }
  const change = { action: 'api_key.create', resource, before: null, after: row } as const
  await insertApiKey(ports.db, row, auditRow(row.tenantId, change, ports))
  return c.json({ ...renderApiKey(row), key: text }, 201)
}
