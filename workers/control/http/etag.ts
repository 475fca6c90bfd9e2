import { GatewayError } from '../../errors/gateway-error.ts'
import type { ActingPorts } from '../ports.ts'

/** The `ETag` of a thing whose configuration has this version. What was used of its limits meanwhile makes no new one. */
export function etagOf(version: number): string {
  return `"${version}"`
}

// A weak tag never matches, and a list matches where one of it does. Source: RFC 9110, section 13.1.1.
function matches(header: string, version: number): boolean {
  return header.trim() === '*' || header.split(',').some(tag => tag.trim() === etagOf(version))
}

/**
 * Refuses (412) to change what is no longer as the caller knows it. To be asked of what was read in the round that writes,
 * so that nobody can change it in between. Without `If-Match` everything passes.
 */
export function checkIfMatch(version: number, { ifMatch }: Pick<ActingPorts, 'ifMatch'>): void {
  if (ifMatch === undefined || matches(ifMatch, version)) return
  throw new GatewayError('precondition_failed', 'It was changed since you read it: If-Match names another version.', {
    details: { etag: etagOf(version) },
  })
}
