import { createHmac, timingSafeEqual } from 'node:crypto'
import { base64url } from 'jose'

/** Whose an id is: an id that was made for one virtual key opens for no other. */
export type IdOwner = { tenantId: string; keyId: string }

/** Makes ids that say what they stand for, and reads no others. */
export type IdSeal = {
  seal(prefix: string, owner: IdOwner, said: readonly string[]): string
  /** What the id says; `undefined` for one that this server did not make for this owner. */
  open(prefix: string, owner: IdOwner, id: string): string[] | undefined
}

const utf8 = new TextEncoder()

/** Signs ids under one server-side secret: what they say is for all to read, and nobody else can make one. */
export function idSeal(secret: string): IdSeal {
  const key = createHmac('sha256', secret).update('weir id').digest()
  const sign = (prefix: string, { tenantId, keyId }: IdOwner, said: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([prefix, tenantId, keyId, said]))
      .digest()
      .subarray(0, 16)
  return {
    seal(prefix, owner, parts) {
      const said = base64url.encode(JSON.stringify(parts))
      return `${prefix}${said}.${base64url.encode(sign(prefix, owner, said))}`
    },
    open(prefix, owner, id) {
      const [said, told, more] = id.startsWith(prefix) ? id.slice(prefix.length).split('.') : []
      if (!said || !told || more !== undefined || !/^[\w-]{22}$/.test(told)) return undefined
      // As text: of the last letter some bits say nothing, so that several texts would decode to the same signature.
      const right = base64url.encode(sign(prefix, owner, said))
      if (!timingSafeEqual(utf8.encode(told), utf8.encode(right))) return undefined
      return JSON.parse(new TextDecoder().decode(base64url.decode(said)))
    },
  }
}
