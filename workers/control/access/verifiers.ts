import type { Verifier } from './verifier.ts'
import { verifyAccessToken } from './verify-access-token.ts'
import { verifyAdminKey } from './verify-admin-key.ts'
import { verifyAgentSignature } from './verify-agent-signature.ts'
import { verifyApiKey } from './verify-api-key.ts'
import { verifyInternalToken } from './verify-internal-token.ts'
import { verifyOpen } from './verify-open.ts'
import { verifyServiceToken } from './verify-service-token.ts'
import { verifySsoToken } from './verify-sso-token.ts'

/**
 * Every kind of credential that the management API knows. A new one is a file with a verifier, and a line here. Of the JWTs the
 * last takes what the others leave.
 */
export const VERIFIERS: readonly Verifier[] = [
  verifyAgentSignature,
  verifyAdminKey,
  verifyApiKey,
  verifyInternalToken,
  verifyAccessToken,
  verifyServiceToken,
  verifySsoToken,
  verifyOpen,
]
