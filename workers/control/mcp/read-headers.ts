import { headerOwner } from '../../core/mcp/header-owner.ts'
import type { StoredHeader } from '../../db/schema/mcp.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlPorts } from '../ports.ts'
import { stored } from '../provider-keys/key-secret.ts'
import { maskSecret } from '../provider-keys/mask-secret.ts'
import { readSecret } from '../provider-keys/read-secret.ts'

const MAX_HEADERS = 20
const MAX_CHARS = 4096
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/
/** Those that the protocol, or the connection, has its own use for. */
const RESERVED =
  /^(host|connection|content-.*|transfer-encoding|accept|accept-.*|expect|upgrade|te|trailer|cookie|cf-.*|mcp-.*|last-event-id)$/

type Given = string | null | undefined

/** A text that is sent in a header: as a secret, but that words may stand beside each other (`Bearer ...`). */
function readValue(name: string, given: Given, ports: ControlPorts): string | undefined {
  if (given == null) return undefined
  if (given.length > MAX_CHARS) throw invalid(`headers.${name} cannot have more than ${MAX_CHARS} characters`)
  const words = given.trim()
  // A space is in no secret, and it is the one more character that a header may have.
  const read = readSecret(words.replaceAll(' ', '-'), { name: `headers.${name}` }, ports)
  if (read === '') throw invalid(`headers.${name} cannot be empty`)
  return read === undefined ? undefined : words
}

/** The server whose headers are read, and what it has of them. */
export type HeaderOwner = { tenantId: string; id: string; headers: StoredHeader[] }

async function readHeader([name, given]: [string, Given], owner: HeaderOwner, ports: ControlPorts) {
  if (!TOKEN.test(name)) throw invalid('headers: the name of a header is one word of up to 128 characters')
  if (RESERVED.test(name.toLowerCase())) throw invalid(`headers.${name} is set by the protocol itself. Remove it`)
  const value = readValue(name, given, ports)
  if (value !== undefined) {
    const sealed = await stored({ secret: value }, headerOwner(owner, name), ports)
    return { name, sealed, masked: maskSecret(value) }
  }
  const kept = owner.headers.find(header => header.name.toLowerCase() === name.toLowerCase())
  if (kept) return kept
  throw invalid(`headers.${name} is masked, and no value of it is known. Send the value`)
}

/**
 * All headers of a server as a body gives them, sealed; one whose mask is given stays as it is. Throws `request_invalid`, never
 * with a value in it.
 */
export async function readHeaders(
  given: Record<string, Given>,
  owner: HeaderOwner,
  ports: ControlPorts,
): Promise<StoredHeader[]> {
  const pairs = Object.entries(given)
  const lower = pairs.map(([name]) => name.toLowerCase())
  if (pairs.length > MAX_HEADERS) throw invalid(`headers: there cannot be more than ${MAX_HEADERS}`)
  if (new Set(lower).size < lower.length) throw invalid('headers: one is named twice')
  return Promise.all(pairs.map(pair => readHeader(pair, owner, ports)))
}
