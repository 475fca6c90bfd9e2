/** What a request falls under. Names are as callers wrote them; `null` where there is none. */
export type ScopeFacts = {
  keyId: string
  teamId: string | null
  customerId: string | null
  tenantId: string
  provider: string
  model: string
  feature: string | null
  agent: string | null
  user: string | null
  entity: { type: string; id: string } | null
  tags: Record<string, string>
}

function named(kind: string, name: string | null): string[] {
  return name === null ? [] : [`${kind}:${name}`]
}

/**
 * The scopes of a request, narrowest first: that is the order in which a refusal names them. Those that join several of them
 * (`joined-scope.ts`) are without number: it falls under the ones that have limits.
 */
export function scopesOf(facts: ScopeFacts): string[] {
  const key = `virtual_key:${facts.keyId}`
  const { provider, model, entity } = facts
  return [
    `${key}/provider:${provider}`,
    key,
    ...named('user', facts.user),
    ...(entity ? [`entity:${entity.type}/${entity.id}`] : []),
    ...named('agent', facts.agent),
    ...named('feature', facts.feature),
    ...Object.entries(facts.tags).map(([name, value]) => `tag:${name}=${value}`),
    ...named('team', facts.teamId),
    ...named('customer', facts.customerId),
    `model:${model}/provider:${provider}`,
    `model:${model}`,
    `provider:${provider}`,
    `tenant:${facts.tenantId}`,
  ]
}

/** Whether a scope's limits are counted by the key's own meter; all others by the scope's budget object. */
export function isOwnScope(scope: string): boolean {
  return scope.startsWith('virtual_key:')
}
