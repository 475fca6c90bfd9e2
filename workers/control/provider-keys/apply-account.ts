import type { ProviderInput } from '../../contracts/provider-input.ts'
import type { Patience } from '../../core/snapshot.ts'
import type { AccountRow } from '../../db/account-record.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlPorts } from '../ports.ts'
import { readBaseUrl } from './read-base-url.ts'

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/
const PLACE = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/

/** The name of a new account: what callers write before the slash of a model's name. Throws `request_invalid`. */
export function accountName(input: ProviderInput): string {
  const name = (input.provider || input.name || '').trim().toLowerCase()
  if (name === '') throw invalid('provider name is required')
  if (NAME.test(name)) return name
  throw invalid('provider must be a name of up to 63 letters, digits, dots, dashes and underscores')
}

function vendorOf(account: AccountRow, input: ProviderInput, ports: ControlPorts): string {
  const asked = input.vendor || input.custom_provider_config?.base_provider_type || account.vendor || account.name
  const vendor = ports.vendors().find(name => name === asked.trim().toLowerCase())
  if (vendor) return vendor
  throw invalid(`vendor must be one of ${ports.vendors().join(', ')}`)
}

function cleared(given: string | null | undefined, current: string | null): string | null {
  return typeof given === 'string' ? given.trim() || null : current
}

function place(field: 'region' | 'residency', input: ProviderInput, current: string | null): string | null {
  const value = cleared(input[field], current)
  if (value === null || PLACE.test(value)) return value
  throw invalid(`${field} must be up to 63 letters, digits, dots, dashes and underscores`)
}

function baseUrlOf({ baseUrl }: AccountRow, input: ProviderInput, ports: ControlPorts): string | null {
  const value = cleared(input.network_config?.base_url, baseUrl)
  return value === null ? null : readBaseUrl(value, 'network_config.base_url', ports)
}

function milliseconds(asked: number | null | undefined, current: number | null = null): number | null {
  if (asked === null || asked === undefined) return current
  return asked === 0 ? null : asked * 1000
}

// A request's timeout is the patience for its first token and for its whole answer.
function patienceOf({ patience }: AccountRow, { network_config: network }: ProviderInput): Patience | null {
  const asked = network?.default_request_timeout_in_seconds
  const idle = network?.stream_idle_timeout_in_seconds
  const answerMs = milliseconds(asked, patience?.answerMs)
  const idleMs = milliseconds(idle, patience?.idleMs)
  return answerMs === null && idleMs === null ? null : { firstTokenMs: answerMs, answerMs, idleMs }
}

/** An account after a change: what the body does not name stays. Throws `request_invalid`. */
export function applyAccount(account: AccountRow, input: ProviderInput, ports: ControlPorts): AccountRow {
  return {
    ...account,
    vendor: vendorOf(account, input, ports),
    baseUrl: baseUrlOf(account, input, ports),
    region: place('region', input, account.region),
    residency: place('residency', input, account.residency)?.toLowerCase() ?? null,
    patience: patienceOf(account, input),
    updatedMs: ports.nowMs(),
  }
}
