import { GatewayError } from '../../errors/gateway-error.ts'

const CHALLENGE = 'Bearer realm="weir"'

/** The refusal (401) of a request that shows no credential at all. */
export function credentialMissing(): GatewayError {
  return new GatewayError('key_missing', 'Present your key as `Authorization: Bearer <key>` or as `x-api-key`.', {
    headers: { 'www-authenticate': CHALLENGE },
  })
}

/** The refusal (401) of a credential that is none, no longer is, or is another server's. Source: RFC 6750, section 3.1. */
export function credentialInvalid(detail: string): GatewayError {
  return new GatewayError('key_invalid', detail, {
    headers: { 'www-authenticate': `${CHALLENGE}, error="invalid_token"` },
  })
}

/** The refusal (403) of a principal that lacks the scope, or the role, that a route asks for. */
export function scopeMissing(needed: { scope: string; roles?: readonly string[] }): GatewayError {
  const { scope, roles } = needed
  const role = roles ? ` and one of the roles ${roles.join(', ')}` : ''
  return new GatewayError('scope_missing', `This needs the scope ${scope}${role}.`, {
    details: { required_scope: scope, ...(roles && { required_roles: roles }) },
    headers: { 'www-authenticate': `${CHALLENGE}, error="insufficient_scope", scope="${scope}"` },
  })
}

/** The refusal (401) of a token that was good once. Not of a guess, and so not counted as one. */
export function tokenExpired(): GatewayError {
  return new GatewayError('token_expired', 'This token has expired, or its sign-in has ended.', {
    headers: { 'www-authenticate': `${CHALLENGE}, error="invalid_token"` },
  })
}

/** The refusal (401) of a sign-in, in the same words whatever was wrong, so that they do not tell who has an account. */
export function signInRefused(): GatewayError {
  return new GatewayError('sign_in_refused', 'This does not sign anyone in.', {
    headers: { 'www-authenticate': CHALLENGE },
  })
}

/** The refusal (403) of a tenant that the caller has not proved to act for, whether or not there is one of that id. */
export function tenantForbidden(): GatewayError {
  return new GatewayError('tenant_forbidden', 'You are not a member of the tenant that X-Active-Tenant-Id names.', {
    param: 'x-active-tenant-id',
  })
}
