import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import { base64url } from 'jose'

/** What a hash costs: `2 ** log2Cost` blocks of `blockSize` * 128 bytes, `parallel` times. */
export type PasswordCost = { log2Cost: number; blockSize: number; parallel: number }

/**
 * 32 MiB, three times. Source: OWASP's Password Storage Cheat Sheet, which holds that as strong as 128 MiB once; an isolate has
 * 128 MB in all. Not PBKDF2: WebCrypto's is capped at 100,000 rounds in production.
 */
export const PASSWORD_COST: PasswordCost = { log2Cost: 15, blockSize: 8, parallel: 3 }

const SIZE = { salt: 16, hash: 32 }
const RECORD = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]{22})\$([\w-]{43})$/

function derive(password: string, salt: Uint8Array, { log2Cost, blockSize: r, parallel: p }: PasswordCost): Buffer {
  const cost = 2 ** log2Cost
  // The same letters, whatever a keyboard makes them of (NIST SP 800-63B, section 3.1.1.2).
  return scryptSync(password.normalize('NFKC'), salt, SIZE.hash, { N: cost, r, p, maxmem: 2 * 128 * cost * r })
}

function write(cost: PasswordCost, salt: Uint8Array, hash: Uint8Array): string {
  const { log2Cost, blockSize, parallel } = cost
  return ['scrypt', log2Cost, blockSize, parallel, base64url.encode(salt), base64url.encode(hash)].join('$')
}

function read(record: string): { cost: PasswordCost; salt: Uint8Array; hash: Uint8Array } | undefined {
  const [, log2Cost, blockSize, parallel, salt, hash] = RECORD.exec(record) ?? []
  if (salt === undefined || hash === undefined) return undefined
  const cost = { log2Cost: Number(log2Cost), blockSize: Number(blockSize), parallel: Number(parallel) }
  return { cost, salt: base64url.decode(salt), hash: base64url.decode(hash) }
}

/** What is stored of a password: a hash with a salt of its own, and what it cost, so that the cost can be raised one day. */
export function hashPassword(password: string, cost: PasswordCost): string {
  const salt = new Uint8Array(randomBytes(SIZE.salt))
  return write(cost, salt, derive(password, salt, cost))
}

/**
 * Whether a password is the one of a record. Without a record it takes as long and is wrong, so that the time does not tell who has
 * an account. A third of a second of CPU: never on the way of other requests.
 */
export function isPasswordOf(record: string | null | undefined, password: string, cost: PasswordCost): boolean {
  const known = read(record ?? '')
  const { cost: paid, salt, hash } = known ?? { cost, salt: new Uint8Array(SIZE.salt), hash: new Uint8Array(SIZE.hash) }
  const isSame = timingSafeEqual(derive(password, salt, paid), hash)
  return known !== undefined && isSame
}

/** Whether a record was made at this cost; one that was not is made again when its password is next at hand. */
export function isCostOf(record: string, { log2Cost, blockSize, parallel }: PasswordCost): boolean {
  return record.startsWith(`scrypt$${log2Cost}$${blockSize}$${parallel}$`)
}
