import { base64url } from 'jose'

/** What a sealed text belongs to: in any other place it does not open. */
export type SealOwner = { tenantId: string; keyId: string }

/** Seals texts under the secret of a deployment. */
export type Sealer = {
  seal(text: string, owner: SealOwner): Promise<string>
  /** The text; `undefined` where it was sealed for another owner or under another secret, or was changed. */
  open(sealed: string, owner: SealOwner): Promise<string | undefined>
  /** The same under the current secret, where it was sealed under the previous one; what does not open stays as it is. */
  reseal(sealed: string, owner: SealOwner): Promise<string>
}

const FORMAT = 'v1.'
/** AES-256-GCM (NIST SP 800-38D): a nonce of 96 bits before what is encrypted, a tag of 128 bits in its end. */
const SIZE = { nonce: 12, key: 32, tag: 16 }
const WRAPPED = SIZE.nonce + SIZE.key + SIZE.tag
const NOT_SECRET = new TextEncoder().encode('weir provider key, key-encryption key, v1')

type Bytes = Uint8Array<ArrayBuffer>

function bytesOf(text: string): Bytes {
  return new Uint8Array(new TextEncoder().encode(text))
}

// HKDF (RFC 5869) needs no salt where its input is random enough, and a deployment's secret has at least 32 characters.
async function keyEncryptionKey(secret: string): Promise<CryptoKey> {
  const input = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), 'HKDF', false, ['deriveKey'])
  const how = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: NOT_SECRET }
  return crypto.subtle.deriveKey(how, input, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

// JSON, so that no two owners make the same bytes.
function boundTo({ tenantId, keyId }: SealOwner): Bytes {
  return bytesOf(JSON.stringify([FORMAT, tenantId, keyId]))
}

async function encrypt(key: CryptoKey, plain: Bytes, owner: SealOwner): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(SIZE.nonce))
  const how = { name: 'AES-GCM', iv, additionalData: boundTo(owner) }
  return joined(iv, new Uint8Array(await crypto.subtle.encrypt(how, key, plain)))
}

async function decrypt(key: CryptoKey, bytes: Bytes, owner: SealOwner): Promise<Bytes | undefined> {
  const how = { name: 'AES-GCM', iv: bytes.slice(0, SIZE.nonce), additionalData: boundTo(owner) }
  try {
    return new Uint8Array(await crypto.subtle.decrypt(how, key, bytes.slice(SIZE.nonce)))
  } catch {
    return undefined
  }
}

function dataKey(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

function joined(...parts: Bytes[]): Bytes {
  return new Uint8Array(parts.flatMap(part => [...part]))
}

// Only the text that `seal` would have written: the last character of base64url has bits that say nothing.
function decoded(sealed: string): Bytes | undefined {
  const body = sealed.slice(FORMAT.length)
  if (!sealed.startsWith(FORMAT) || !/^[\w-]+$/.test(body)) return undefined
  const bytes = Uint8Array.from(base64url.decode(body))
  return base64url.encode(bytes) === body && bytes.length >= WRAPPED + SIZE.nonce + SIZE.tag ? bytes : undefined
}

/** A data key under a secret of the deployment, and the text under that data key. */
type Envelope = { raw: Bytes; wrapped: Bytes; content: Bytes; isCurrent: boolean }

/**
 * Envelope encryption: each text has a random data key of its own, which is wrapped by a key that is derived from the
 * deployment's secret. `previous` opens what was sealed before the secret was changed, and seals nothing.
 */
export function sealer(secret: string, previous?: string): Sealer {
  const keys = [secret, ...(previous ? [previous] : [])].map(keyEncryptionKey)
  const wrap = async (raw: Bytes, owner: SealOwner) => encrypt(await (keys[0] ?? keyEncryptionKey(secret)), raw, owner)

  async function unwrap(sealed: string, owner: SealOwner): Promise<Envelope | undefined> {
    const bytes = decoded(sealed)
    if (!bytes) return undefined
    const [wrapped, content] = [bytes.slice(0, WRAPPED), bytes.slice(WRAPPED)]
    for (const [index, key] of keys.entries()) {
      const raw = await decrypt(await key, wrapped, owner)
      if (raw) return { raw, wrapped, content, isCurrent: index === 0 }
    }
    return undefined
  }

  return {
    async seal(text, owner) {
      const raw = crypto.getRandomValues(new Uint8Array(SIZE.key))
      const content = await encrypt(await dataKey(raw), bytesOf(text), owner)
      return FORMAT + base64url.encode(joined(await wrap(raw, owner), content))
    },
    async open(sealed, owner) {
      const envelope = await unwrap(sealed, owner)
      const plain = envelope && (await decrypt(await dataKey(envelope.raw), envelope.content, owner))
      return plain && new TextDecoder().decode(plain)
    },
    async reseal(sealed, owner) {
      const envelope = await unwrap(sealed, owner)
      if (!envelope || envelope.isCurrent) return sealed
      return FORMAT + base64url.encode(joined(await wrap(envelope.raw, owner), envelope.content))
    },
  }
}
