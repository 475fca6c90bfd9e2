import type { AddressFlaw } from '../../core/net/public-address.ts'
import { badParam } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'

const RULES: Record<AddressFlaw, string> = {
  not_a_url: 'an absolute URL, such as https://example.com/hooks',
  not_https: 'an https:// address',
  has_credentials: 'without a user or a password: the signature says who we are',
  not_public: 'on the public internet: not loopback, private, link-local or reserved, nor a local name',
}

/** An address that may be called. Throws `request_invalid`, which says what to change. */
export function checkUrl(url: string, ports: Pick<ControlPorts, 'addressFlaw'>): string {
  const flaw = ports.addressFlaw(url)
  if (flaw) throw badParam('url', RULES[flaw])
  if (url.includes('#')) throw badParam('url', 'without a fragment, which is never sent')
  return url
}
