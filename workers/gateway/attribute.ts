import { AttributionHeaders, Tags } from '../contracts/attribution.ts'
import { type Attribution, NO_ATTRIBUTION } from '../core/usage.ts'
import { GatewayError } from '../errors/gateway-error.ts'

function readTags(text: string | null): Record<string, string> {
  if (text === null) return {}
  const invalid = (why: string) => new GatewayError('header_invalid', `x-weir-tags: ${why}.`, { param: 'x-weir-tags' })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw invalid('not JSON; send an object such as {"environment":"production"}')
  }
  const tags = Tags.safeParse(json)
  if (!tags.success) throw invalid(tags.error.issues[0]?.message ?? 'invalid')
  return tags.data
}

const NAMES = Object.keys(AttributionHeaders.shape)

/** Whom the request is for, as its headers say. Throws `header_invalid` for one that is too long or no JSON. */
export function attribute(headers: Headers): Attribution {
  const said = NAMES.map(name => [name, headers.get(name) || null] as const)
  const tags = readTags(headers.get('x-weir-tags'))
  if (said.every(([, value]) => value === null)) return { ...NO_ATTRIBUTION, tags }
  const result = AttributionHeaders.safeParse(Object.fromEntries(said))
  if (!result.success) {
    const issue = result.error.issues[0]
    const param = String(issue?.path[0])
    throw new GatewayError('header_invalid', `${param}: ${issue?.message}.`, { param })
  }
  const given = result.data
  return {
    feature: given['x-feature'],
    team: given['x-team'],
    agent_name: given['x-agent-name'],
    user_id: given['x-user-id'],
    entity_type: given['x-entity-type'],
    entity_id: given['x-entity-id'],
    tags,
  }
}

/** The caller's `x-request-id` where it is 1 to 200 printable ASCII characters, else `otherwise`. */
export function requestIdOf(headers: Headers, otherwise: string): string {
  const given = headers.get('x-request-id')
  return given && /^[\x21-\x7e]{1,200}$/.test(given) ? given : otherwise
}
