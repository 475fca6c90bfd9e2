import { azureDoor } from './http/doors/azure.ts'
import { GLOBAL, vertexDoor } from './http/doors/vertex.ts'
import { workersAiDoor } from './http/doors/workers-ai.ts'
import type { AccessSettings, Provider } from './port.ts'
import type { Vendor } from './vendors.ts'
import { vertexAnthropicTariff, vertexTariff } from './vertex-tariff.ts'

// Where a deployment of Azure is processed is not in its address: global, data zone and regional ones share a host.
function declaredPlace({ residency }: AccessSettings): Pick<Provider, 'residency'> {
  return residency === undefined ? {} : { residency: residency.toLowerCase() }
}

// `eu` and `us` are regions too: they are of many places within the area. Switzerland and Britain are in `europe-`, and not
// in the EU.
function areaOf({ region = GLOBAL }: AccessSettings): string | undefined {
  if (/^europe-west(2|6)$/.test(region)) return undefined
  if (region === 'eu' || region.startsWith('europe-')) return 'eu'
  return region === 'us' || region.startsWith('us-') ? 'us' : undefined
}

function vertexPlace(settings: AccessSettings): Pick<Provider, 'region' | 'residency'> {
  const residency = areaOf(settings)
  return { region: settings.region ?? GLOBAL, ...(residency !== undefined && { residency }) }
}

const VERTEX = {
  baseUrl: '',
  keyVar: 'VERTEX_CREDENTIALS',
  baseUrlVar: 'VERTEX_BASE_URL',
  settingVars: { project: 'VERTEX_PROJECT', region: 'VERTEX_REGION', tokenUrl: 'VERTEX_TOKEN_URL' },
  place: vertexPlace,
  door: vertexDoor(),
} as const

/** Vendors that sell other makers' models from their own clouds. */
export const CLOUD_VENDORS: readonly Vendor[] = [
  {
    name: 'azure',
    formats: ['openai-chat', 'openai-responses', 'openai-completions', 'openai-embeddings'],
    baseUrl: '',
    keyVar: 'AZURE_OPENAI_API_KEY',
    baseUrlVar: 'AZURE_OPENAI_BASE_URL',
    settingVars: {
      apiVersion: 'AZURE_OPENAI_API_VERSION',
      deployments: 'AZURE_OPENAI_DEPLOYMENTS',
      residency: 'AZURE_OPENAI_RESIDENCY',
      tenantId: 'AZURE_OPENAI_TENANT_ID',
      clientId: 'AZURE_OPENAI_CLIENT_ID',
      loginUrl: 'AZURE_OPENAI_LOGIN_URL',
    },
    needs: ['key', 'baseUrl'],
    place: declaredPlace,
    pricebook: 'azure',
    door: azureDoor(),
  },
  { ...VERTEX, name: 'vertex', formats: ['gemini'], pricebook: 'google', tariff: vertexTariff },
  {
    ...VERTEX,
    name: 'vertex-anthropic',
    formats: ['anthropic-messages'],
    pricebook: 'anthropic',
    versionInBody: 'vertex-2023-10-16',
    tariff: vertexAnthropicTariff,
  },
  {
    name: 'workers-ai',
    formats: ['openai-chat'],
    baseUrl: 'https://api.cloudflare.com/client/v4',
    keyVar: 'WORKERS_AI_API_KEY',
    baseUrlVar: 'WORKERS_AI_BASE_URL',
    settingVars: { accountId: 'WORKERS_AI_ACCOUNT_ID' },
    needs: ['key', 'accountId'],
    outputCapField: 'max_tokens',
    pricebook: 'cloudflare',
    door: workersAiDoor(),
  },
]
