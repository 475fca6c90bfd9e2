import { z } from 'zod'
import type { TenantId } from '../../core/access/tenant-id.ts'
import { joinedScope } from '../../core/quota/joined-scope.ts'
import { GatewayError } from '../../errors/gateway-error.ts'

const MAX_CHARS = 512
const MIN_PARTS = 2
const MAX_PARTS = 8
const JOINABLE = /^(agent|user|tag|feature|entity|model|provider):/
const PartsOfScope = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      context.addIssue({ code: 'custom', message: 'no JSON' })
      return z.NEVER
    }
  })
  .pipe(z.array(z.string()).min(MIN_PARTS).max(MAX_PARTS))

/** The APIs whose scopes are not made here. */
const ELSEWHERE: Record<string, string> = {
  virtual_key: '/api/governance/virtual-keys/{id}',
  team: '/api/governance/teams/{id}',
  customer: '/api/governance/customers/{id}',
}

/** Whose scopes are read: names of providers get the case they are configured in. */
export type ScopeReader = { tenantId: TenantId; providers: string[] }

function badScope(rule: string): GatewayError {
  return new GatewayError('request_invalid', `scope ${rule}.`, { param: 'scope' })
}

function configured(name: string, { providers }: ScopeReader): string {
  const found = providers.find(provider => provider.toLowerCase() === name.toLowerCase())
  if (found === undefined) throw badScope(`names a provider that is not configured: ${name}`)
  return found
}

// A model's name may hold a slash, but never this.
function modelScope(rest: string, reader: ScopeReader): string {
  const [model = '', provider, ...more] = rest.split('/provider:')
  if (model === '' || more.length > 0) throw badScope('must be model:NAME or model:NAME/provider:NAME')
  return provider === undefined ? `model:${model}` : `model:${model}/provider:${configured(provider, reader)}`
}

// In one order and each once, so that what is the same has one name.
function joined(rest: string, reader: ScopeReader): string {
  const rule = `must be all: and a JSON array of ${MIN_PARTS} to ${MAX_PARTS} scopes of agents, users, tags, features, entities, models or providers`
  const parts = PartsOfScope.safeParse(rest)
  if (!parts.success) throw badScope(rule)
  const read = parts.data.map(part => readScope(part, reader))
  if (read.some(part => !JOINABLE.test(part)) || new Set(read).size < MIN_PARTS) throw badScope(rule)
  return joinedScope(read)
}

function matching(form: RegExp, kind: string, [rest, shown]: [string, string]): string {
  if (!form.test(rest)) throw badScope(`must be ${kind}:${shown}`)
  return `${kind}:${rest}`
}

const READERS: Record<string, (rest: string, reader: ScopeReader) => string> = {
  tenant: (rest, { tenantId }) => {
    if (rest !== tenantId) throw badScope(`names a tenant that is not yours: ${rest}`)
    return `tenant:${rest}`
  },
  provider: (rest, reader) => `provider:${configured(rest, reader)}`,
  all: joined,
  model: modelScope,
  feature: rest => matching(/./, 'feature', [rest, 'NAME']),
  agent: rest => matching(/./, 'agent', [rest, 'NAME']),
  user: rest => matching(/./, 'user', [rest, 'ID']),
  entity: rest => matching(/^[^/]+\/./, 'entity', [rest, 'TYPE/ID']),
  tag: rest => matching(/^[^=]+=/, 'tag', [rest, 'NAME=VALUE']),
}

/** Refuses to change here what another API keeps in order. */
export function refuseElsewhere(scope: string): void {
  const path = ELSEWHERE[scope.split(':')[0] ?? '']
  if (path) throw badScope(`is governed elsewhere: give its budgets and rate_limit to PUT ${path}`)
}

/** A scope whose limits are made here, as requests fall under it. Throws `request_invalid`. */
export function readScope(text: string, reader: ScopeReader): string {
  refuseElsewhere(text)
  const colon = text.indexOf(':')
  const read = READERS[text.slice(0, Math.max(colon, 0))]
  if (!read) throw badScope(`must begin with one of ${Object.keys(READERS).join(', ')} and a colon`)
  if (text.length > MAX_CHARS) throw badScope(`cannot have more than ${MAX_CHARS} characters`)
  return read(text.slice(colon + 1), reader)
}
