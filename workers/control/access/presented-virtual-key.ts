import { asTenantId } from '../../core/access/tenant-id.ts'
import { findKey } from '../../db/find-key.ts'
import type { KeyRecord } from '../../db/key-record.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isSameText } from '../http/is-same-text.ts'
import type { ControlPorts } from '../ports.ts'
import { guarded } from './guard-attempts.ts'

const PREFIX = /^sk-bf-/i
const BEARER = /^bearer +(\S+) *$/i
const MISSING =
  'Missing virtual key. Provide it via x-bf-vk header, Authorization Bearer, x-api-key, or x-goog-api-key header.'

// In the contract's order (1.9): in its own header whatever is there, in those of others what looks like a virtual key.
function presentedText(headers: Headers): string | undefined {
  const own = headers.get('x-bf-vk')?.trim()
  if (own) return own
  const bearer = BEARER.exec(headers.get('authorization') ?? '')?.[1]
  const others = [bearer, headers.get('x-api-key'), headers.get('x-goog-api-key')]
  return others.find(text => text && PREFIX.test(text)) ?? undefined
}

function unknownKey(): GatewayError {
  return new GatewayError('key_invalid', 'Virtual key not found')
}

async function findPresented(text: string, ports: ControlPorts): Promise<KeyRecord> {
  const ref = await ports.readKey('virtual', text)
  if (!ref) throw unknownKey()
  const record = await findKey(ports.db, { tenantId: asTenantId(ref.tenantId), id: ref.id })
  if (!record || !(await isSameText(record.key.keyHash, ref.hash))) throw unknownKey()
  return record
}

/** The virtual key that a request presents. Throws `key_missing`, `key_invalid` and `attempts_limited`, in the contract's words (1.9). */
export async function presentedVirtualKey(request: Request, ports: ControlPorts): Promise<KeyRecord> {
  const text = presentedText(request.headers)
  if (text === undefined) throw new GatewayError('key_missing', MISSING)
  return guarded(request, ports, () => findPresented(text, ports))
}
