import { z } from 'zod'
import { SsoProviderInput } from '../../../contracts/sso-input.ts'
import type { Principal } from '../../../core/access/principal.ts'
import { scopesOfRole } from '../../../core/access/role.ts'
import type { AddressFlaw } from '../../../core/net/public-address.ts'
import type { ProviderRow } from '../../../db/find-providers.ts'
import { scopeMissing } from '../../access/unauthorized.ts'
import type { ControlContext } from '../../http/env.ts'
import { badParam } from '../../http/query.ts'
import { readJson } from '../../http/read-json.ts'
import type { ActingPorts } from '../../ports.ts'

const RULE: Record<AddressFlaw, string> = {
  not_a_url: 'an absolute URL',
  not_https: 'an https URL',
  has_credentials: 'a URL without a user name and a password',
  not_public: 'on the public internet',
}

function checkAddress(param: 'issuer' | 'jwks_uri', address: string, { signIn }: ActingPorts): void {
  const flaw = signIn.addressFlaw(address)
  if (flaw) throw badParam(param, RULE[flaw])
}

/**
 * Refuses whoever may do less than an owner: a provider says who its tenant's people are, its owners among them, so that who sets
 * one can become any of them. Throws `scope_missing`.
 */
export function checkMayVouch({ scopes }: Principal): void {
  const missing = scopesOfRole('owner').find(scope => !scopes.includes(scope))
  if (missing) throw scopeMissing({ scope: missing })
}

/** What of a provider's row a body says. */
export type ProviderSettings = Omit<
  ProviderRow,
  'tenantId' | 'id' | 'createdMs' | 'updatedMs' | 'version' | 'keySet' | 'keySetMs' | 'askedMs'
>

function settingsOf(input: SsoProviderInput): ProviderSettings {
  return {
    ...{ name: input.name, issuer: input.issuer, audience: input.audience, jwksUri: input.jwks_uri ?? null },
    ...{ algorithms: [...new Set(input.algorithms)], emailClaim: input.email_claim },
    ...{ roleClaim: input.role_claim ?? null, roleMapping: input.role_mapping },
    ...{ defaultRole: input.default_role ?? null, makesMembers: input.jit_provisioning },
  }
}

/** Reads a provider's settings. Throws as `readJson` does, and `request_invalid` for addresses that must not be called. */
export async function readProviderInput(c: ControlContext, ports: ActingPorts): Promise<ProviderSettings> {
  const explain = z.prettifyError
  const body = { schema: SsoProviderInput, maxBytes: ports.maxBodyBytes, explain, isExact: true } as const
  const input = await readJson(c.req.raw, body)
  checkAddress('issuer', input.issuer, ports)
  if (input.jwks_uri) checkAddress('jwks_uri', input.jwks_uri, ports)
  if (input.jit_provisioning && !input.role_claim && !input.default_role) {
    throw badParam('default_role', 'given with jit_provisioning, unless role_claim is')
  }
  return settingsOf(input)
}
