import { GatewayError } from '../../../errors/gateway-error.ts'
import type { Asked, Door } from '../door.ts'
import { askGoogle, readServiceAccount } from './service-account.ts'
import { TokenCache } from './token-cache.ts'

/** The region where none is set: answers come from anywhere, at no surcharge. */
export const GLOBAL = 'global'

const COUNTS = /\/count_tokens$/

// A region becomes part of a host name, and the request that goes there carries a token.
function regionOf({ settings }: Asked['access']): string {
  const region = settings.region ?? GLOBAL
  if (/^[a-z0-9-]{2,40}$/.test(region)) return region
  throw new GatewayError('provider_key_unusable', 'The region of the Vertex account is not the name of one.')
}

// Source: Google Cloud, Deployments and endpoints: regional, multi-region (`eu`, `us`) and global hosts.
function hostOf(region: string): string {
  if (region === GLOBAL) return 'https://aiplatform.googleapis.com'
  if (region === 'eu' || region === 'us') return `https://aiplatform.${region}.rep.googleapis.com`
  return `https://${region}-aiplatform.googleapis.com`
}

function projectOf({ settings, secret }: Asked['access']): string {
  const project = settings.project ?? readServiceAccount(secret).project_id
  if (project) return encodeURIComponent(project)
  throw new GatewayError(
    'provider_key_unusable',
    'Neither the settings nor the key of the Vertex account name its project.',
  )
}

// Anthropic's counter is a model of its own there.
function claudeMethod({ path, request: { model, isStream } }: Asked): string {
  if (COUNTS.test(path)) return 'count-tokens:rawPredict'
  return `${encodeURIComponent(model)}:${isStream ? 'streamRawPredict' : 'rawPredict'}`
}

function geminiMethod({ request: { model, isStream } }: Asked): string {
  return `${encodeURIComponent(model)}:${isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`
}

function address(asked: Asked): string {
  const { access, format } = asked
  const region = regionOf(access)
  const base = access.baseUrl || hostOf(region)
  const isClaude = format === 'anthropic-messages'
  const models = `publishers/${isClaude ? 'anthropic' : 'google'}/models`
  const method = isClaude ? claudeMethod(asked) : geminiMethod(asked)
  return `${base}/v1/projects/${projectOf(access)}/locations/${region}/${models}/${method}`
}

const BEARER = 'Bearer '

/**
 * Google Vertex AI: a service account's key opens it, by an access token that is kept until a minute before its end. Settings:
 * `project` (else the key's own), `region` (else `global`), `tokenUrl`. Source: Vertex AI REST reference; Claude on Vertex AI.
 */
export function vertexDoor(tokens = new TokenCache()): Door {
  const accountOf = ({ access: { secret, settings } }: Asked) => `${settings.tokenUrl ?? ''} ${secret}`
  return {
    address,
    async prove(_, asked) {
      const { secret, settings } = asked.access
      const ask = () => askGoogle(secret, settings.tokenUrl, asked)
      return { authorization: BEARER + (await tokens.get(accountOf(asked), asked.nowMs, ask)) }
    },
    disown({ authorization = '' }, asked) {
      tokens.disown(accountOf(asked), authorization.slice(BEARER.length))
      return true
    },
  }
}
