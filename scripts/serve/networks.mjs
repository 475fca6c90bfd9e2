const networkOf = (...allow) => ({ network: { allow, tlsOptions: { trustBrowserCas: true } } })

/**
 * What the Worker calls out through. Miniflare's own `fetch` goes through a Worker that resizes images: a fifth of what a bare stream
 * costs. The second one reaches no private address, whatever a name resolves to.
 */
export const NETWORKS = { OUTBOUND: networkOf('public', 'private'), PUBLIC_OUTBOUND: networkOf('public') }
