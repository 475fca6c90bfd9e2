import { accountSpec, PROVIDER_KEY_DEFAULTS } from './declare-providers.ts'
import type { Shown } from './live-groups.ts'
import { orNone, type Spec, tidy } from './object.ts'
import { secretText } from './secret.ts'

// biome-ignore lint/suspicious/noExplicitAny: as the API answers
type Row = any

/** How a secret is shown: its mask, or the variable of the deployment that it is in. */
function secretShown({ value, env_var, from_env }: Row): string {
  return from_env ? secretText(env_var) : value
}

function settingsOf({ azure_key_config: azure, vertex_key_config: vertex, bedrock_key_config: bedrock }: Row): Spec {
  const text = (shown: Row) => shown?.value || undefined
  return tidy({
    azure_key_config: orNone(
      tidy({
        ...{ endpoint: text(azure?.endpoint), api_version: text(azure?.api_version) },
        deployments: azure && orNone<Spec>(azure.deployments),
      }),
    ),
    vertex_key_config: orNone(tidy({ project_id: text(vertex?.project_id), region: text(vertex?.region) })),
    bedrock_key_config: orNone(tidy({ access_key: text(bedrock?.access_key), region: text(bedrock?.region) })),
  })
}

function keyOf(row: Row): Shown {
  const { id, provider, name, weight, models, blacklisted_models, enabled } = row
  const plain = tidy({ weight, models, blacklisted_models, enabled }, PROVIDER_KEY_DEFAULTS)
  const spec = { provider, name, value: secretShown(row.value), ...plain, ...settingsOf(row) }
  return { kind: 'provider_key', name: `${provider}/${name}`, id, spec }
}

/** The tenant's own accounts and their keys as specs have them, secrets masked. */
export function liveProviders(rows: Row[]): Shown[] {
  return rows
    .filter(row => !row.is_shared)
    .flatMap(row => {
      const { name, vendor, network_config } = row
      const [region, residency] = [row.region ?? undefined, row.residency ?? undefined]
      const spec = accountSpec({ provider: name, vendor, network_config, region, residency })
      return [{ kind: 'provider', name, id: name, spec } satisfies Shown, ...row.keys.map(keyOf)]
    })
}

/** The names of all providers that the tenant can use, the deployment's among them. */
export function providerNames(rows: Row[]): string[] {
  return rows.map(row => row.name)
}
