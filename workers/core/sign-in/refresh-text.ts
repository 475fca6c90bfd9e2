import { createHash, randomBytes } from 'node:crypto'

const TEXT = /^weir-rt-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[\w-]{43}$/

/** How long a refresh token is good, in milliseconds. */
export const REFRESH_MS = 30 * 86_400_000

/** A refresh token as it is found: whose tenant it names, and the hash under which it is stored. */
export type RefreshRef = { tenantId: string; tokenHash: string }

/** What is stored of a token: 256 random bits need no slow hash. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/** A new refresh token: its tenant, so that it is looked for there alone, and 256 random bits. */
export function mintRefreshText(tenantId: string): { text: string; tokenHash: string } {
  const text = `weir-rt-${tenantId}.${randomBytes(32).toString('base64url')}`
  return { text, tokenHash: hashOf(text) }
}

/** Where a refresh token would be stored; `undefined` for a text that is none. */
export function readRefreshText(text: string): RefreshRef | undefined {
  const tenantId = TEXT.exec(text)?.[1]
  return tenantId === undefined ? undefined : { tenantId, tokenHash: hashOf(text) }
}
