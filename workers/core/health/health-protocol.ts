import type { HealthSample, HealthView } from './circuit.ts'

/** What one isolate tells of a provider. `inFlight`: its own requests right now; it is forgotten if not told again. */
export type HealthReport = {
  isolate: string
  sample: HealthSample
  inFlight: number
  limitedUntilMs: number
  nowMs: number
}

/** How a provider does, all isolates together. */
export type SharedHealth = HealthView & { inFlight: number }

/** What may be asked of the object that watches a provider in a region for a tenant. */
export type Health = {
  /** Takes a report, and answers how the provider does. A report that is lost is a report less. */
  report(report: HealthReport): Promise<SharedHealth>
  read(nowMs: number): Promise<SharedHealth>
}

/** Names what is watched. Each tenant has its own: his keys, his limits at the vendor, and nobody else's trouble. */
export type HealthRef = { tenantId: string; provider: string; region: string | null }

/** The object's name. Tenant first, so that no two tenants can meet in one object. */
export function healthName({ tenantId, provider, region }: HealthRef): string {
  return `${tenantId}/provider:${provider}/${region ?? '-'}`
}

/**
 * How an attempt ended, as far as its provider's health goes. `untold`: it has not come so far. `latencyMs`: of an answer; a
 * refusal is quick, and says nothing. `limitedUntilMs`: it asked to be left alone until then; 0: it did not.
 */
export type HealthEnd = { verdict: 'well' | 'ill' | 'untold'; latencyMs: number | null; limitedUntilMs: number }

/** When something is, and what keeps a task alive that it begins. */
export type Timed = { nowMs: number; after(task: Promise<unknown>): void }
