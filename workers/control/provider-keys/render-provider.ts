import { referredTo } from '../../core/key/account-secret.ts'
import type { AccountRecord, AccountRow, ProviderKeyRow } from '../../db/account-record.ts'
import { maskSecret } from './mask-secret.ts'

const iso = (ms: number) => new Date(ms).toISOString()
const shown = (value: string) => ({ value, env_var: '', from_env: false })

function renderValue({ maskedValue }: ProviderKeyRow) {
  return referredTo(maskedValue) ? { value: '', env_var: maskedValue, from_env: true } : shown(maskedValue)
}

function azureConfig({ settings }: ProviderKeyRow) {
  const { baseUrl = '', apiVersion = '', deployments = '{}' } = settings
  return { endpoint: shown(baseUrl), api_version: shown(apiVersion), deployments: JSON.parse(deployments) }
}

function vertexConfig(key: ProviderKeyRow) {
  const { project = '', region = '' } = key.settings
  return { project_id: shown(project), region: shown(region), auth_credentials: renderValue(key) }
}

function bedrockConfig(key: ProviderKeyRow) {
  const { accessKeyId = '', region = '' } = key.settings
  const access = accessKeyId === '' ? '' : maskSecret(accessKeyId)
  return { access_key: shown(access), secret_key: renderValue(key), region: shown(region) }
}

function vendorConfig(key: ProviderKeyRow, vendor: string) {
  if (vendor.startsWith('azure')) return { azure_key_config: azureConfig(key) }
  if (vendor.startsWith('vertex')) return { vertex_key_config: vertexConfig(key) }
  if (vendor.startsWith('bedrock')) return { bedrock_key_config: bedrockConfig(key) }
  return {}
}

/** A key of a provider as Bifrost shows it, its secret masked. */
export function renderProviderKey(key: ProviderKeyRow, vendor: string) {
  return {
    id: key.id,
    key_id: key.id,
    name: key.name,
    provider: key.account,
    value: renderValue(key),
    models: key.models,
    blacklisted_models: key.blacklistedModels,
    weight: key.weight,
    enabled: key.enabled,
    ...vendorConfig(key, vendor),
    created_at: iso(key.createdMs),
    updated_at: iso(key.updatedMs),
    rotated_at: key.rotatedMs === null ? null : iso(key.rotatedMs),
  }
}

function networkConfig({ baseUrl, patience }: AccountRow) {
  const seconds = (ms: number | null | undefined) => (ms ? ms / 1000 : undefined)
  return {
    base_url: baseUrl ?? undefined,
    default_request_timeout_in_seconds: seconds(patience?.answerMs),
    stream_idle_timeout_in_seconds: seconds(patience?.idleMs),
  }
}

/** A tenant's own account as Bifrost shows a provider, and where it is. */
export function renderProvider({ account, keys }: AccountRecord) {
  return {
    name: account.name,
    vendor: account.vendor,
    is_shared: false,
    network_config: networkConfig(account),
    region: account.region,
    residency: account.residency,
    keys: keys.map(key => renderProviderKey(key, account.vendor)),
    version: account.version,
    created_at: iso(account.createdMs),
    updated_at: iso(account.updatedMs),
  }
}

/** A provider of the deployment, of which a tenant is shown its name alone. */
export function renderShared(name: string) {
  return { name, vendor: name, is_shared: true, network_config: {}, keys: [] }
}
