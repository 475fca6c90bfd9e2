import type { Asked } from '../door.ts'
import { askToken } from './ask-token.ts'
import type { AccessToken } from './token-cache.ts'

const LOGIN = 'https://login.microsoftonline.com'
const SCOPE = 'https://cognitiveservices.azure.com/.default'

/**
 * An access token for an app that is registered in Entra, by its secret (RFC 6749 section 4.4). `loginUrl` replaces the
 * address of the public cloud. Source: Microsoft identity platform, OAuth 2.0 client credentials flow.
 */
export function askEntra(asked: Asked): Promise<AccessToken> {
  const { secret, settings } = asked.access
  const { loginUrl = LOGIN, tenantId = '', clientId = '' } = settings
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret, scope: SCOPE }
  return askToken(`${loginUrl}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`, form, asked)
}
