import type { AddressFlaw } from '../../core/net/public-address.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlPorts } from '../ports.ts'

const MAX_CHARS = 2048

const RULES: Record<AddressFlaw, string> = {
  not_a_url: 'is not a URL',
  not_https: 'must begin with https://',
  has_credentials: 'cannot have a user or a password in it',
  not_public: 'must be an address on the public internet',
}

/** An address that a tenant wants called, as `URL` writes it. Throws `request_invalid`. */
export function readAddress(text: string, field: string, ports: ControlPorts): string {
  if (text.length > MAX_CHARS) throw invalid(`${field} cannot have more than ${MAX_CHARS} characters`)
  const flaw = ports.addressFlaw(text)
  if (flaw) throw invalid(`${field} ${RULES[flaw]}`)
  const url = new URL(text)
  // Paths are put behind it, and what is secret has no place where it is shown.
  if (url.search !== '' || url.hash !== '') throw invalid(`${field} cannot have a query or a fragment`)
  return url.href
}

/** The same, without a slash at its end. */
export function readBaseUrl(text: string, field: string, ports: ControlPorts): string {
  return readAddress(text, field, ports).replace(/\/+$/, '')
}
