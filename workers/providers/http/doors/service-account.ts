import { importPKCS8, SignJWT } from 'jose'
import { z } from 'zod'
import { GatewayError } from '../../../errors/gateway-error.ts'
import type { Asked } from '../door.ts'
import { askToken } from './ask-token.ts'
import type { AccessToken } from './token-cache.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const LIFE_SECONDS = 3600

/** What is read of a Google service account's key file. */
const ServiceAccount = z.object({
  client_email: z.string().min(1),
  private_key: z.string().min(1),
  private_key_id: z.string().optional(),
  project_id: z.string().optional(),
  token_uri: z.string().optional(),
})
type ServiceAccount = z.infer<typeof ServiceAccount>

/** The account in a key file. Throws where it is none, without repeating any of it: it is a secret. */
export function readServiceAccount(secret: string): ServiceAccount {
  try {
    return ServiceAccount.parse(JSON.parse(secret))
  } catch {
    throw new GatewayError('provider_key_unusable', 'The secret is not the JSON key of a Google service account.')
  }
}

// A key file is a tenant's own text: what it names must not make Weir post anywhere else.
function tokenUrl({ token_uri }: ServiceAccount, ownUrl: string | undefined): string {
  if (ownUrl) return ownUrl
  const url = token_uri ?? 'https://oauth2.googleapis.com/token'
  const { protocol, hostname } = URL.parse(url) ?? { protocol: '', hostname: 'no address' }
  if (protocol === 'https:' && (hostname.endsWith('.googleapis.com') || hostname === 'accounts.google.com')) return url
  throw new GatewayError('provider_key_unusable', `The token_uri of the service account is not Google's: ${hostname}.`)
}

async function signingKey({ private_key }: ServiceAccount): Promise<CryptoKey> {
  try {
    return await importPKCS8(private_key, 'RS256')
  } catch {
    throw new GatewayError('provider_key_unusable', 'The private key of the Google service account cannot be read.')
  }
}

async function assertion(account: ServiceAccount, audience: string, nowMs: number): Promise<string> {
  const key = await signingKey(account)
  const iat = Math.floor(nowMs / 1000)
  const claims = { iss: account.client_email, aud: audience, scope: SCOPE, iat, exp: iat + LIFE_SECONDS }
  const kid = account.private_key_id
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(kid && { kid }) }).sign(key)
}

/**
 * An access token for a service account, by a signed assertion (RFC 7523). `ownUrl` replaces the token endpoint of the key
 * file, which has to be Google's. Source: Google Identity, Using OAuth 2.0 for server to server applications.
 */
export async function askGoogle(secret: string, ownUrl: string | undefined, asked: Asked): Promise<AccessToken> {
  const account = readServiceAccount(secret)
  const url = tokenUrl(account, ownUrl)
  return askToken(url, { grant_type: GRANT, assertion: await assertion(account, url, asked.nowMs) }, asked)
}
