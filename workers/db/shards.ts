import { count, eq } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { type ConfigDb, type EventsDb, isSameDatabase } from './database.ts'
import { tenant } from './schema/tenancy.ts'

/** A database of events, by the number that tenants have of it. */
export type Shard = { number: number; events: EventsDb }

/** All databases of a deployment. */
export type Databases = {
  /** What is configured, of all tenants. */
  db: ConfigDb
  /** Where a tenant's events are, with all that traffic writes of it. Throws where that database is not bound. */
  eventsDb(tenantId: TenantId): Promise<EventsDb>
  /** The shard of a tenant that is being made: the one that fewest tenants have, of several the first. */
  shardForNew(): Promise<number>
  /** All databases that events are in, for what is done of any tenant. */
  shards: readonly Shard[]
}

/** How long an isolate remembers where a tenant is, in milliseconds. Whoever moves one has to wait for as long. */
export const PLACE_HOLDS_MS = 30_000
/** The most tenants of which it remembers that; the oldest makes room. */
const MAX_PLACES = 10_000

/** Everything in one database. */
export function oneDatabase(db: ConfigDb & EventsDb): Databases {
  return { db, eventsDb: async () => db, shardForNew: async () => 0, shards: [{ number: 0, events: db }] }
}

/** The number of a tenant's shard; 0 of a tenant that is not there. */
async function findShard(db: ConfigDb, tenantId: TenantId): Promise<number> {
  const row = await db.select({ shard: tenant.shard }).from(tenant).where(eq(tenant.id, tenantId)).get()
  return row?.shard ?? 0
}

function rememberedPlaces(db: ConfigDb, nowMs: () => number): (tenantId: TenantId) => Promise<number> {
  const known = new Map<TenantId, { shard: number; untilMs: number }>()
  return async tenantId => {
    const place = known.get(tenantId)
    if (place && place.untilMs > nowMs()) return place.shard
    const untilMs = nowMs() + PLACE_HOLDS_MS
    const shard = await findShard(db, tenantId)
    known.delete(tenantId)
    known.set(tenantId, { shard, untilMs })
    const [oldest] = known.keys()
    if (known.size > MAX_PLACES && oldest) known.delete(oldest)
    return shard
  }
}

async function emptiestShard(db: ConfigDb, shards: readonly Shard[]): Promise<number> {
  const rows = await db.select({ shard: tenant.shard, tenants: count() }).from(tenant).groupBy(tenant.shard)
  const tenants = new Map(rows.map(row => [row.shard, row.tenants]))
  const [first, ...others] = shards.map(({ number }) => ({ number, tenants: tenants.get(number) ?? 0 }))
  return others.reduce((best, one) => (best && one.tenants < best.tenants ? one : best), first)?.number ?? 0
}

/** Events in several databases: the first, in which all configuration is as well, is shard 0. */
export function shardedDatabases(
  first: ConfigDb & EventsDb,
  others: readonly EventsDb[],
  nowMs: () => number,
): Databases {
  if (others.length === 0) return oneDatabase(first)
  const shards = [first, ...others].map((events, number) => ({ number, events }))
  const placeOf = rememberedPlaces(first, nowMs)
  const eventsDb = async (tenantId: TenantId) => {
    const number = await placeOf(tenantId)
    const events = shards[number]?.events
    if (!events) throw new Error(`tenant ${tenantId} is on shard ${number}, and DB_SHARDS is ${shards.length}`)
    return events
  }
  return { db: first, eventsDb, shardForNew: () => emptiestShard(first, shards), shards }
}

/** Where deliveries to webhooks are: what traffic brings about with the events, and the rest (tests, exports) with the webhook. */
export type Outbox = ConfigDb | EventsDb

/** The databases that deliveries of a tenant's are in. */
export async function outboxesOf(
  { db, eventsDb }: Pick<Databases, 'db' | 'eventsDb'>,
  tenantId: TenantId,
): Promise<[Outbox, ...Outbox[]]> {
  const events = await eventsDb(tenantId)
  return isSameDatabase(db, events) ? [db] : [events, db]
}
