import { KEYLESS_VENDORS } from '../../workers/control/provider-keys/key-secret.ts'
import type { Live, Spec } from './object.ts'

/** What is written to a file, and what it cannot say. */
export type Exported = { file: Spec; notices: string[] }

const MASK = '****'

function variableOf(...words: string[]): string {
  return ['WEIR', ...words]
    .join('_')
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
}

function fieldsOf({ spec }: Live): Spec {
  return spec
}

function isMask(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(MASK)
}

// A key that has none and one whose secret is short look the same; where a vendor asks for none, none it is.
function secretOf(key: Live, vendor: string, notices: string[]): Spec {
  const { provider, name, value } = key.spec
  if (!isMask(value)) return { value: value ?? '' }
  if (value === MASK && KEYLESS_VENDORS.includes(vendor)) {
    notices.push(`${key.name}: its secret is short or none, and is left out: give it a value if it has one`)
    return {}
  }
  const variable = variableOf(String(provider), String(name))
  notices.push(`${key.name}: its secret is not told: set ${variable} where the file is applied`)
  return { value: `env.${variable}` }
}

function accessOf(key: Live, notices: string[]): Spec {
  const { provider, name, bedrock_key_config } = key.spec
  const bedrock = bedrock_key_config as Spec | undefined
  if (!bedrock || !isMask(bedrock.access_key)) return {}
  const variable = variableOf(String(provider), String(name), 'access_key')
  notices.push(`${key.name}: its access key is not told: set ${variable} where the file is applied`)
  return { bedrock_key_config: { ...bedrock, access_key: `env.${variable}` } }
}

function keyOf(key: Live, vendor: string, notices: string[]): Spec {
  const { provider: _, value, ...rest } = key.spec
  return { ...rest, ...secretOf(key, vendor, notices), ...accessOf(key, notices) }
}

function accountOf(account: Live, all: Live[], notices: string[]): Spec {
  const vendor = String(account.spec.vendor ?? account.name)
  const own = inOrder(all.filter(({ kind, spec }) => kind === 'provider_key' && spec.provider === account.name))
  return { ...account.spec, ...(own.length > 0 && { keys: own.map(key => keyOf(key, vendor, notices)) }) }
}

function clientOf({ name: client, spec }: Live, notices: string[]): Spec {
  const { headers, ...rest } = spec
  if (!headers) return rest
  const told = Object.entries(headers as Spec).map(([name, value]) => {
    const variable = variableOf(client, name)
    if (!isMask(value)) return [name, value] as const
    notices.push(`${client}: its header ${name} is not told: set ${variable} where the file is applied`)
    return [name, `env.${variable}`] as const
  })
  return { ...rest, headers: Object.fromEntries(told) }
}

function webhookOf({ name, spec }: Live, notices: string[]): Spec {
  const variable = variableOf('webhook', name.replace(/^https?:\/\//, ''))
  notices.push(`${name}: its secret is not told: set ${variable} where the file is applied`)
  return { ...spec, secret: `env.${variable}` }
}

function tenantOf({ spec: { name, ...settings } }: Live): Spec {
  return { name: name ?? '', settings }
}

// By name, so that two instances which are the same have the same file, whatever came first. Rules as they are asked.
function inOrder(objects: Live[]): Live[] {
  const priority = ({ spec }: Live) => Number(spec.priority ?? 0)
  return objects.toSorted((a, b) => priority(a) - priority(b) || (a.name < b.name ? -1 : 1))
}

/** An instance as a file that makes the same of an empty one. Secrets are not in it. */
export function exportLive(live: Live[], schema: string): Exported {
  const notices: string[] = []
  const of = (kind: Live['kind']) => inOrder(live.filter(one => one.kind === kind))
  const [tenant] = of('tenant')
  const sections = {
    customers: of('customer').map(fieldsOf),
    teams: of('team').map(fieldsOf),
    providers: of('provider').map(account => accountOf(account, live, notices)),
    mcp_clients: of('mcp_client').map(client => clientOf(client, notices)),
    model_configs: of('model_config').map(fieldsOf),
    limits: of('limit').map(fieldsOf),
    virtual_keys: of('virtual_key').map(fieldsOf),
    pricing_overrides: of('pricing_override').map(fieldsOf),
    routing_rules: of('routing_rule').map(fieldsOf),
    webhooks: of('webhook').map(one => webhookOf(one, notices)),
  }
  const said = Object.entries(sections).filter(([, list]) => list.length > 0)
  return {
    file: { $schema: schema, ...(tenant && { tenant: tenantOf(tenant) }), ...Object.fromEntries(said) },
    notices,
  }
}
