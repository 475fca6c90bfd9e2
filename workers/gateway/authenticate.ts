import type { PresentedKey } from '../core/key/remembered-keys.ts'
import type { KeySnapshot } from '../core/snapshot.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { Call } from './call.ts'
import type { GatewayPorts } from './ports.ts'

/** A key's text in any of the headers that clients use, the governance contract's order. */
export function presentedText(headers: Headers): string | undefined {
  const bearer = /^bearer\s+(.+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  const candidates = ['x-bf-vk', '', 'x-api-key', 'x-goog-api-key', 'api-key']
  for (const name of candidates) {
    const text = name ? headers.get(name) : bearer
    if (text) return text.trim()
  }
  return undefined
}

// Only a key that was there once has a tenant to ask for its ways; of a forged one nothing is read.
function invalid(snapshot?: KeySnapshot | null): GatewayError {
  const isForbidden = snapshot?.tenantSettings?.governanceCompat === '1.4'
  return new GatewayError(
    'key_invalid',
    'This virtual key does not exist or has been revoked. Check the key your client sends.',
    isForbidden ? { status: 403 } : {},
  )
}

/** Checks the key's text alone: a forged key is refused here, and no object hears of it. */
export function authenticate(headers: Headers, ports: GatewayPorts): PresentedKey {
  const text = presentedText(headers)
  if (!text) {
    throw new GatewayError(
      'key_missing',
      'No API key. Send your Weir virtual key as "Authorization: Bearer sk-bf-...".',
    )
  }
  const key = ports.readKey(text)
  if (!key) throw invalid()
  return key
}

/** Refuses a key that its snapshot says is unknown, rotated, inactive or expired. */
export function assertUsable(
  snapshot: KeySnapshot | null,
  key: PresentedKey,
  nowMs: number,
): asserts snapshot is KeySnapshot {
  if (!snapshot || snapshot.isDeleted || snapshot.keyHash !== key.hash) throw invalid(snapshot)
  if (!snapshot.isActive) throw new GatewayError('key_blocked', 'Virtual key is inactive.')
  if (snapshot.expiresMs !== null && snapshot.expiresMs <= nowMs) {
    throw new GatewayError('key_blocked', 'Virtual key has expired.')
  }
}

/**
 * Authenticates a call that is not admitted, so that nothing else would tell that its key was revoked: the key's meter is
 * always asked.
 */
export async function authenticateFully(call: Call, ports: GatewayPorts): Promise<KeySnapshot> {
  const key = authenticate(call.request.headers, ports)
  const snapshot = await ports.meter(key.ref).snapshot()
  if (snapshot) ports.snapshots.put(key.ref, snapshot)
  assertUsable(snapshot, key, call.startMs)
  return snapshot
}
