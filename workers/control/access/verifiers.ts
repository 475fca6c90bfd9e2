import type { Verifier } from './verifier.ts'
import { verifyAdminKey } from './verify-admin-key.ts'
import { verifyApiKey } from './verify-api-key.ts'

/** Every kind of credential that the management API knows. A new one is a file with a verifier, and a line here. */
export const VERIFIERS: readonly Verifier[] = [verifyAdminKey, verifyApiKey]
