import type { ConfigFile } from './file-schema.ts'
import { limitsSpec } from './limits-spec.ts'
import { type Declared, type Json, orNone, type Reference, type Spec, tidy } from './object.ts'
import type { Path } from './problem.ts'

type KeySpec = NonNullable<ConfigFile['virtual_keys']>[number]
type GrantSpec = NonNullable<KeySpec['provider_configs']>[number]

/** What names of providers are written in: their case does not matter, that of a deployment's provider is its own. */
export type Names = { provider(name: string): string }

const GRANT_DEFAULTS = { allowed_models: [], blacklisted_models: [], keys: ['*'] }
const KEY_DEFAULTS = {
  ...{ description: '', is_active: true, calendar_aligned: false },
  ...{ admission_mode: 'strict', settlement: 'drain' },
}

function grantSpec(grant: GrantSpec, isAligned: boolean, names: Names): Spec {
  const { weight, allowed_models, blacklisted_models, keys } = grant
  const fields = {
    provider: names.provider(grant.provider),
    weight,
    allowed_models,
    blacklisted_models,
    keys: keys?.toSorted(),
  }
  return { ...tidy(fields, GRANT_DEFAULTS), ...limitsSpec(grant, { inherited: isAligned, said: isAligned }) }
}

function reliabilitySpec({ reliability }: KeySpec): Spec | undefined {
  return reliability ? tidy(reliability) : undefined
}

/** A virtual key as a spec has it. */
export function keySpec(key: KeySpec, names: Names): Spec {
  const { name, description, team, customer, is_active, expires_at, calendar_aligned = false } = key
  const { admission_mode, expected_output_tokens, settlement, meter } = key
  const grants = (key.provider_configs ?? []).map(grant => grantSpec(grant, calendar_aligned, names))
  return {
    ...tidy(
      {
        ...{ name, description, team, customer, is_active, calendar_aligned },
        expires_at: expires_at && new Date(expires_at).toISOString(),
        provider_configs: orNone<Json[]>(grants),
        mcp_configs: orNone<Json[]>((key.mcp_configs ?? []).map(toolsSpec)),
        ...{ admission_mode, expected_output_tokens, settlement, meter, reliability: reliabilitySpec(key) },
      },
      KEY_DEFAULTS,
    ),
    ...limitsSpec(key, { inherited: calendar_aligned, said: calendar_aligned }),
  }
}

function toolsSpec({ mcp_client_name, tools_to_execute }: NonNullable<KeySpec['mcp_configs']>[number]): Spec {
  return tidy({ mcp_client_name, tools_to_execute }, { tools_to_execute: [] })
}

function toolRefs({ mcp_configs = [] }: KeySpec, path: Path): Reference[] {
  return mcp_configs.map(({ mcp_client_name: name }, index) => {
    return { kind: 'mcp_client', name, path: [...path, 'mcp_configs', index, 'mcp_client_name'] }
  })
}

function grantRefs(grant: GrantSpec, path: Path, names: Names): Reference[] {
  const provider = names.provider(grant.provider)
  const keys = (grant.keys ?? []).flatMap((key, index): Reference[] =>
    key === '*' ? [] : [{ kind: 'provider_key', name: `${provider}/${key}`, path: [...path, 'keys', index] }],
  )
  return [{ kind: 'provider', name: provider, path: [...path, 'provider'] }, ...keys]
}

function keyRefs(key: KeySpec, path: Path, names: Names): Reference[] {
  const { team, customer, provider_configs = [] } = key
  return [
    ...(team ? [{ kind: 'team', name: team, path: [...path, 'team'] } as const] : []),
    ...(customer ? [{ kind: 'customer', name: customer, path: [...path, 'customer'] } as const] : []),
    ...toolRefs(key, path),
    ...provider_configs.flatMap((grant, index) => grantRefs(grant, [...path, 'provider_configs', index], names)),
  ]
}

/** The virtual keys of a file. */
export function declareKeys({ virtual_keys = [] }: ConfigFile, names: Names): Declared[] {
  return virtual_keys.map((key, index) => {
    const path = ['virtual_keys', index]
    return { kind: 'virtual_key', name: key.name, spec: keySpec(key, names), path, refs: keyRefs(key, path, names) }
  })
}
