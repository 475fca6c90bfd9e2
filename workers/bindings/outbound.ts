import type { Fetch } from '../providers/http/http-provider.ts'

/** How the world is called: by `OUTBOUND`, which only the local server binds (scripts/serve/runtime.mjs), to a network or to nothing. */
export function outboundOf(env: Env): Fetch {
  const { OUTBOUND } = env as { OUTBOUND?: Fetcher }
  return OUTBOUND ? (url, init) => OUTBOUND.fetch(url, init) : globalThis.fetch.bind(globalThis)
}

/**
 * The same for addresses that tenants gave: unless private ones are allowed, a network without them, whatever a name resolves
 * to.
 */
export function tenantsOutboundOf(env: Env, allowPrivate: boolean): Fetch {
  const { PUBLIC_OUTBOUND } = env as { PUBLIC_OUTBOUND?: Fetcher }
  if (allowPrivate || !PUBLIC_OUTBOUND) return outboundOf(env)
  return (url, init) => PUBLIC_OUTBOUND.fetch(url, init)
}
