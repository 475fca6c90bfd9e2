import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** The scheme in `Authorization`, and the first line of what is signed. */
export const AGENT_SCHEME = 'WEIR-HMAC-SHA256'

/** How far the instant of a request may lie from now, to both sides, in milliseconds. */
export const AGENT_WINDOW_MS = 300_000

/** What the header of a signed request says. `timestamp` is in seconds of UTC epoch time. */
export type AgentHeader = { keyId: string; timestamp: number; nonce: string; signature: string }

/** A request as it is signed. `url` is absolute; of it the path and the query count. */
export type SignedRequest = { method: string; url: string; body: Uint8Array; timestamp: number; nonce: string }

const FIELD = { keyId: /^agt_[0-9a-f]{64}$/, ts: /^\d{1,12}$/, nonce: /^[\w-]{16,64}$/, signature: /^[0-9a-f]{64}$/ }

function fieldsOf(text: string): Map<string, string> {
  const pairs = text.split(',').map(pair => pair.trim().split('='))
  return new Map(pairs.map(([name = '', ...value]) => [name, value.join('=')]))
}

/** Reads `Authorization` of the scheme; `undefined` where a field is missing or is none. */
export function readAgentHeader(header: string): AgentHeader | undefined {
  const fields = fieldsOf(header.slice(AGENT_SCHEME.length))
  const isWhole = Object.entries(FIELD).every(([name, form]) => form.test(fields.get(name) ?? ''))
  if (!isWhole || fields.size !== Object.keys(FIELD).length) return undefined
  const [keyId = '', timestamp, nonce = '', signature = ''] = Object.keys(FIELD).map(name => fields.get(name))
  return { keyId, timestamp: Number(timestamp), nonce, signature }
}

// RFC 3986, section 2.3: of what may stand unescaped, encodeURIComponent leaves five characters more than these.
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, one => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}

function canonicalQuery(url: URL): string {
  const pairs = [...url.searchParams].map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
  return pairs.sort((a, b) => (a < b ? -1 : Number(a > b))).join('&')
}

/** What is signed: seven lines. docs/sign-in.md says them with an example, which a test checks. */
export function textToSign({ method, url, body, timestamp, nonce }: SignedRequest): string {
  const at = new URL(url)
  const bodyHash = createHash('sha256').update(body).digest('hex')
  return [AGENT_SCHEME, timestamp, nonce, method, at.pathname, canonicalQuery(at), bodyHash].join('\n')
}

/** The signature of a request, in lower-case hexadecimal. The key is the text of the secret as it was shown. */
export function signAgentRequest(request: SignedRequest, secret: string): string {
  return createHmac('sha256', secret).update(textToSign(request)).digest('hex')
}

/** Whether a signature is that of a request, in a time that does not tell where it differs. */
export function isAgentSignature(signature: string, request: SignedRequest, secret: string): boolean {
  const expected = Buffer.from(signAgentRequest(request, secret))
  const given = Buffer.from(signature)
  return expected.length === given.length && timingSafeEqual(expected, given)
}

/** The id of a credential as its holder names it: whose it is, and which, so that it is looked for in one place. */
export function agentKeyId({ tenantId, id }: { tenantId: string; id: string }): string {
  return `agt_${tenantId}${id}`.replaceAll('-', '')
}

const HEX = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/

/** What a key id names; `undefined` for a text that is none. */
export function readAgentKeyId(keyId: string): { tenantId: string; id: string } | undefined {
  if (!FIELD.keyId.test(keyId)) return undefined
  const uuid = (hex: string) => hex.replace(HEX, '$1-$2-$3-$4-$5')
  return { tenantId: uuid(keyId.slice(4, 36)), id: uuid(keyId.slice(36)) }
}
