const BEARER = /^bearer +(\S+) *$/i

/** The secret in `Authorization: Bearer` or else in `x-api-key`, where there is one. */
export function presentedKey(request: Request): string | undefined {
  const bearer = BEARER.exec(request.headers.get('authorization') ?? '')?.[1]
  return bearer ?? (request.headers.get('x-api-key') || undefined)
}
