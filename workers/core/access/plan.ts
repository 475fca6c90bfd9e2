/** The plans of tenants. */
export const PLANS = ['free', 'growth', 'scale', 'enterprise'] as const

/** One of `PLANS`. */
export type Plan = (typeof PLANS)[number]

/** How many requests of the management API a tenant may make in a minute. */
export const REQUESTS_PER_MINUTE: Record<Plan, number> = { free: 60, growth: 300, scale: 1000, enterprise: 10_000 }
