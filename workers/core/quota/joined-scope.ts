const PREFIX = 'all:'

/** The scope of what falls under every one of these; the same whatever their order. JSON, since any character may be in a name. */
export function joinedScope(parts: readonly string[]): string {
  return PREFIX + JSON.stringify([...new Set(parts)].toSorted())
}

/** Whether a scope is of what falls under several others. */
export function isJoined(scope: string): boolean {
  return scope.startsWith(PREFIX)
}

/** The scopes that a scope joins; of one that joins none, itself. */
export function partsOf(scope: string): string[] {
  return isJoined(scope) ? JSON.parse(scope.slice(PREFIX.length)) : [scope]
}

/** The scopes of these limits that join nothing but scopes of a request, so that it falls under them too. */
export function joinedIn(limits: readonly { scope: string }[], scopes: readonly string[]): string[] {
  const joined = new Set(limits.filter(({ scope }) => isJoined(scope)).map(({ scope }) => scope))
  return [...joined].filter(scope => partsOf(scope).every(part => scopes.includes(part)))
}
