import type { Deprecation } from '../../contracts/route-facts.ts'

/** The headers of a route that was deprecated. Sources: RFC 9745 (Deprecation), RFC 8594 (Sunset). */
export function deprecationHeaders(deprecated: Deprecation | undefined): Record<string, string> {
  if (!deprecated) return {}
  const { sinceMs, sunsetMs, successor } = deprecated
  return {
    deprecation: `@${Math.floor(sinceMs / 1000)}`,
    ...(sunsetMs !== undefined && { sunset: new Date(sunsetMs).toUTCString() }),
    ...(successor && { link: `<${successor}>; rel="successor-version"` }),
  }
}
