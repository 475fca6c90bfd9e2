import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { base64url } from 'jose'

/** What a key is for; each kind has its own prefix and its own checksum key. */
export type KeyKind = 'virtual' | 'admin' | 'api' | 'invitation'

/** Where a key's objects live. `none`: wherever the platform likes. */
export type Jurisdiction = 'none' | 'eu' | 'us'

/** What the text of a key says: whose it is, which it is, and where its objects are. */
export type KeyRef = { tenantId: string; id: string; jurisdiction: Jurisdiction }

const PREFIX: Record<KeyKind, string> = {
  virtual: 'sk-bf-',
  admin: 'weir-admin-',
  api: 'weir-api-',
  invitation: 'weir-inv-',
}
const JURISDICTIONS: Jurisdiction[] = ['none', 'eu', 'us']
const FORMAT = 1
/** Format, jurisdiction, tenant id, id, secret: then the checksum. 75 bytes are 100 characters with no spare bits. */
const SIZE = { head: 2, id: 16, secret: 25, checksum: 16 }
const SIGNED = SIZE.head + 2 * SIZE.id + SIZE.secret
const TEXT_LENGTH = ((SIGNED + SIZE.checksum) * 4) / 3

/** Signs and checks the texts of keys under one server-side secret. */
export type KeyRing = {
  mint(kind: KeyKind, ref: KeyRef): string
  /** What the text says, or `undefined` for one that this server did not make. Touches no storage. */
  read(kind: KeyKind, text: string): KeyRef | undefined
}

function uuidBytes(uuid: string): Uint8Array {
  const hex = uuid.replaceAll('-', '')
  if (!/^[0-9a-f]{32}$/.test(hex)) throw new RangeError('not a lower-case UUID')
  return Uint8Array.from(hex.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
}

function uuidText(bytes: Uint8Array): string {
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function signedPart(ref: KeyRef): Uint8Array {
  const bytes = new Uint8Array(SIGNED)
  bytes.set([FORMAT, JURISDICTIONS.indexOf(ref.jurisdiction)])
  bytes.set(uuidBytes(ref.tenantId), SIZE.head)
  bytes.set(uuidBytes(ref.id), SIZE.head + SIZE.id)
  crypto.getRandomValues(bytes.subarray(SIZE.head + 2 * SIZE.id))
  return bytes
}

function readRef(bytes: Uint8Array): KeyRef | undefined {
  const jurisdiction = JURISDICTIONS[bytes[1] ?? -1]
  if (bytes[0] !== FORMAT || !jurisdiction) return undefined
  const id = SIZE.head + SIZE.id
  return {
    jurisdiction,
    tenantId: uuidText(bytes.subarray(SIZE.head, id)),
    id: uuidText(bytes.subarray(id, id + SIZE.id)),
  }
}

function decode(kind: KeyKind, text: string): Uint8Array | undefined {
  const body = text.slice(PREFIX[kind].length)
  if (!text.startsWith(PREFIX[kind]) || body.length !== TEXT_LENGTH || !/^[\w-]+$/.test(body)) return undefined
  return Uint8Array.from(base64url.decode(body))
}

type Checksum = (kind: KeyKind, signed: Uint8Array) => Uint8Array

function checksumUnder(secret: string): Checksum {
  const keyFor = (kind: KeyKind) => createHmac('sha256', secret).update(`weir key checksum: ${kind}`).digest()
  const keys: Record<KeyKind, Buffer> = {
    virtual: keyFor('virtual'),
    admin: keyFor('admin'),
    api: keyFor('api'),
    invitation: keyFor('invitation'),
  }
  return (kind, signed) => createHmac('sha256', keys[kind]).update(signed).digest().subarray(0, SIZE.checksum)
}

/**
 * The keys of one server. A text is prefix + base64url of format, jurisdiction, tenant, id, 200 random bits, checksum.
 * `previous` is the secret before this one, whose keys are good as well: the hash that is stored of each decides.
 */
export function keyRing(secret: string, previous?: string): KeyRing {
  const checksum = checksumUnder(secret)
  const accepted = [checksum, ...(previous ? [checksumUnder(previous)] : [])]
  return {
    mint(kind, ref) {
      const signed = signedPart(ref)
      return PREFIX[kind] + base64url.encode(new Uint8Array([...signed, ...checksum(kind, signed)]))
    },
    read(kind, text) {
      const bytes = decode(kind, text)
      if (!bytes) return undefined
      const [signed, given] = [bytes.subarray(0, SIGNED), bytes.subarray(SIGNED)]
      return accepted.some(one => timingSafeEqual(one(kind, signed), given)) ? readRef(signed) : undefined
    },
  }
}

/** What is stored of a key: base64url SHA-256 of its text. 200 random bits need no slow hash. */
export function keyHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
