import { inJurisdiction } from '../../durable-objects/in-jurisdiction.ts'
import { type HealthRef, healthName } from '../core/health/health-protocol.ts'
import type { Jurisdiction } from '../core/key/key-text.ts'
import type { ProviderWatch } from '../gateway/ports.ts'
import { ProviderHealth } from './health-client.ts'

/** The most providers an isolate watches, one for each tenant; the oldest makes room, and is learned of anew. */
const MAX_WATCHED = 10_000

/** What this isolate knows of its tenants' providers, by tenant, provider and region. */
export function providerWatches(env: Env, jurisdiction: Jurisdiction): (ref: HealthRef) => ProviderWatch {
  const isolate = crypto.randomUUID()
  const known = new Map<string, ProviderHealth>()
  const connect = (name: string) => () => {
    return inJurisdiction(env.HEALTH, { JURISDICTION: jurisdiction }).getByName(name)
  }
  return ref => {
    const name = healthName(ref)
    const watch = known.get(name) ?? new ProviderHealth(isolate, connect(name))
    known.set(name, watch)
    const [oldest] = known.keys()
    if (known.size > MAX_WATCHED && oldest) known.delete(oldest)
    return watch
  }
}
