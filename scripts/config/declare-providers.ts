import type { ConfigFile, ProviderKeySpec } from './file-schema.ts'
import { type Declared, orNone, type Secrets, type Spec, tidy } from './object.ts'
import type { Path } from './problem.ts'
import type { secretReader } from './secret.ts'

type AccountSpec = NonNullable<ConfigFile['providers']>[number]
type Reader = ReturnType<typeof secretReader>

/** What a key of an account is where nothing is said. */
export const PROVIDER_KEY_DEFAULTS = { weight: 1, models: ['*'], blacklisted_models: [], enabled: true }

const withoutSlash = (address: string | undefined) => address && new URL(address).href.replace(/\/+$/, '')

/** An account as a spec has it, without its keys. */
export function accountSpec({
  vendor,
  region,
  residency,
  network_config: network = {},
  ...account
}: AccountSpec): Spec {
  const provider = account.provider.toLowerCase()
  const network_config = orNone(tidy({ ...network, base_url: withoutSlash(network.base_url) }))
  return tidy(
    { provider, vendor: vendor?.toLowerCase(), region, residency: residency?.toLowerCase(), network_config },
    { vendor: provider, region: '', residency: '' },
  )
}

// Where a vendor has a word of its own for the secret, the API takes it before `value`.
function secretOf(key: ProviderKeySpec, path: Path, { read }: Reader): { shown: string | undefined; secrets: Secrets } {
  const { bedrock_key_config: bedrock, vertex_key_config: vertex } = key
  const given = [
    ['bedrock_key_config', 'secret_key', bedrock?.secret_key],
    ['vertex_key_config', 'auth_credentials', vertex?.auth_credentials],
  ] as const
  const own = given.find(([, , text]) => text !== undefined)
  const secret = own ? read(own[2], [...path, own[0], own[1]]) : read(key.value ?? '', [...path, 'value'])
  const token = read(bedrock?.session_token, [...path, 'bedrock_key_config', 'session_token'])
  const secrets = { value: secret?.sent ?? '', ...(token && { session_token: token.sent }) }
  return { shown: secret?.shown, secrets }
}

function settingsOf(key: ProviderKeySpec, access: { shown: string } | undefined): Spec {
  const { azure_key_config: azure, vertex_key_config: vertex, bedrock_key_config: bedrock } = key
  const { deployments, ...rest } = azure ?? {}
  return tidy({
    azure_key_config: orNone(
      tidy({ ...rest, endpoint: withoutSlash(rest.endpoint), deployments: deployments && orNone<Spec>(deployments) }),
    ),
    vertex_key_config: orNone(tidy({ project_id: vertex?.project_id, region: vertex?.region })),
    bedrock_key_config: orNone(tidy({ access_key: access?.shown, region: bedrock?.region })),
  })
}

function declareKey(
  key: ProviderKeySpec,
  provider: string,
  { path, reader }: { path: Path; reader: Reader },
): Declared {
  const { name, weight, models, blacklisted_models, enabled } = key
  const { shown, secrets } = secretOf(key, path, reader)
  const access = reader.read(key.bedrock_key_config?.access_key, [...path, 'bedrock_key_config', 'access_key'])
  const plain = tidy({ weight, models, blacklisted_models, enabled }, PROVIDER_KEY_DEFAULTS)
  return {
    kind: 'provider_key',
    name: `${provider}/${name}`,
    spec: { provider, name, ...tidy({ value: shown }), ...plain, ...settingsOf(key, access) },
    path,
    refs: [{ kind: 'provider', name: provider, path }],
    secrets: { ...secrets, ...(access && { access_key: access.sent }) },
  }
}

/** The accounts of a file, and their keys. */
export function declareProviders({ providers = [] }: ConfigFile, reader: Reader): Declared[] {
  return providers.flatMap((account, index) => {
    const path = ['providers', index]
    const spec = accountSpec(account)
    const name = String(spec.provider)
    const keys = (account.keys ?? []).map((key, place) =>
      declareKey(key, name, { path: [...path, 'keys', place], reader }),
    )
    return [{ kind: 'provider', name, spec, path, refs: [] } satisfies Declared, ...keys]
  })
}
