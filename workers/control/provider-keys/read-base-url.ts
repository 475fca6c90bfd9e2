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

/** An address that a tenant wants called, without a slash at its end. Throws `request_invalid`. */
export function readBaseUrl(text: string, field: string, ports: ControlPorts): string {
  if (text.length > MAX_CHARS) throw invalid(`${field} cannot have more than ${MAX_CHARS} characters`)
  const flaw = ports.addressFlaw(text)
  if (flaw) throw invalid(`${field} ${RULES[flaw]}`)
  const url = new URL(text)
  // Paths are put behind it.
  if (url.search !== '' || url.hash !== '') throw invalid(`${field} cannot have a query or a fragment`)
  return url.href.replace(/\/+$/, '')
}
