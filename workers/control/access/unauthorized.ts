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
