import type { ProviderKeyInput } from '../../contracts/provider-input.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlPorts } from '../ports.ts'
import { isMask } from './mask-secret.ts'
import { readBaseUrl } from './read-base-url.ts'

const SETTING = /^[a-zA-Z0-9][a-zA-Z0-9._:-]{0,127}$/
const MAX_CHARS = 256
const MAX_DEPLOYMENTS = 200

/** What a body says of a key beside its secret, by the names of `AccessSettings`; the empty text clears. */
export type GivenSettings = Record<string, string | undefined>

function readText(given: string | null | undefined, field: string): string | undefined {
  const value = given?.trim()
  if (value === undefined || isMask(value)) return undefined
  if (/^env\./.test(value)) throw invalid(`${field} is no secret: give its value, not the name of a variable`)
  return value
}

// Vendors make addresses of these: with a slash or an `@` in one, it would be an address of the tenant's choosing.
function readSetting(given: string | null | undefined, field: string): string | undefined {
  const value = readText(given, field)
  if (!value || SETTING.test(value)) return value
  throw invalid(`${field} must be up to 128 letters, digits, dots, colons, dashes and underscores`)
}

function readDeployments(given: Record<string, string> | null | undefined): string | undefined {
  if (!given) return undefined
  const pairs = Object.entries(given)
  if (pairs.length > MAX_DEPLOYMENTS || pairs.flat().some(text => text.length > MAX_CHARS)) {
    throw invalid(
      `azure_key_config.deployments must be up to ${MAX_DEPLOYMENTS} names of up to ${MAX_CHARS} characters`,
    )
  }
  return pairs.length === 0 ? '' : JSON.stringify(given)
}

function azureSettings(given: ProviderKeyInput['azure_key_config'], ports: ControlPorts): GivenSettings {
  if (!given) return {}
  const endpoint = readText(given.endpoint, 'azure_key_config.endpoint')
  return {
    baseUrl: endpoint ? readBaseUrl(endpoint, 'azure_key_config.endpoint', ports) : endpoint,
    apiVersion: readSetting(given.api_version, 'azure_key_config.api_version'),
    deployments: readDeployments(given.deployments),
  }
}

function vertexSettings(given: ProviderKeyInput['vertex_key_config']): GivenSettings {
  if (!given) return {}
  return {
    project: readSetting(given.project_id, 'vertex_key_config.project_id'),
    region: readSetting(given.region, 'vertex_key_config.region'),
  }
}

function bedrockSettings(given: ProviderKeyInput['bedrock_key_config']): GivenSettings {
  if (!given) return {}
  return {
    accessKeyId: readSetting(given.access_key, 'bedrock_key_config.access_key'),
    region: readSetting(given.region, 'bedrock_key_config.region'),
  }
}

function checkVendor(input: ProviderKeyInput, vendor: string): void {
  for (const kind of ['azure', 'vertex', 'bedrock'] as const) {
    const field = `${kind}_key_config` as const
    if (input[field] && !vendor.startsWith(kind)) throw invalid(`${field} is of no use to a key of vendor ${vendor}`)
  }
}

/** A key's settings after a change: what the body does not name stays. Throws `request_invalid`. */
export function applySettings(
  current: Record<string, string>,
  { input, vendor }: { input: ProviderKeyInput; vendor: string },
  ports: ControlPorts,
): Record<string, string> {
  checkVendor(input, vendor)
  const given: GivenSettings = {
    ...azureSettings(input.azure_key_config, ports),
    ...vertexSettings(input.vertex_key_config),
    ...bedrockSettings(input.bedrock_key_config),
  }
  const all = Object.entries({ ...current, ...definedOf(given) })
  return Object.fromEntries(all.filter(([, value]) => value !== ''))
}

function definedOf(given: GivenSettings): Record<string, string> {
  const pairs = Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return Object.fromEntries(pairs)
}
