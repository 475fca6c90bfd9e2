import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { type ConfigDb, type EventsDb, openDatabase } from '../../workers/db/database.ts'
import { type Databases, oneDatabase } from '../../workers/db/shards.ts'

/** The tables that are where a tenant's events are: see docs/shards.md. `webhook_delivery` is on both sides. */
export const EVENT_TABLES = [
  ...['usage_event', 'dirty_hour', 'rollup_hour', 'rollup_day', 'rolled_hour', 'rolled_day', 'rule_skip_hour'],
  ...['meter_hour', 'reconcile_run', 'reconcile_difference', 'limit_alert', 'event_archive', 'archive_garbage'],
  ...['moving_tenant', 'day_segment'],
]

const state: { shard: number; events: D1Database } = { shard: 0, events: env.DB }

/** D1 with the events of the tenants of this test file. */
export function eventsD1(): D1Database {
  return state.events
}

/** The shard that tenants of this test file are on. */
export function shardHere(): number {
  return state.shard
}

/** Statements on events that a test writes itself, and on what else is where they are. */
export function eventsHere(): EventsDb {
  return openDatabase(state.events)
}

type WholeDb = ConfigDb & EventsDb
type Here = Databases & { db: WholeDb; shard: number; events: EventsDb }

function allIn(db: WholeDb): Here {
  return { ...oneDatabase(db), db, shard: 0, events: db }
}

/**
 * All databases of this test file, each as `wrap` makes it; of a database that is given instead, everything is there. That `db` has
 * events is true where the tenants are on shard 0 alone.
 */
export function databasesHere(given?: WholeDb | ((d1: D1Database) => D1Database)): Here {
  const wrap = typeof given === 'function' ? given : (d1: D1Database) => d1
  if (given && typeof given !== 'function') return allIn(given)
  const db = openDatabase(wrap(env.DB))
  const { shard, events: d1 } = state
  if (shard === 0) return allIn(db)
  const events = openDatabase(wrap(d1))
  const shards = [{ number: shard, events }]
  return { db, eventsDb: async () => events, shardForNew: async () => shard, shards, shard, events }
}

async function tablesOf(d1: D1Database): Promise<{ name: string; type: string }[]> {
  const text = `SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view')
    AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'd1_%' AND name NOT LIKE '\\_cf%' ESCAPE '\\'`
  return (await d1.prepare(text).all<{ name: string; type: string }>()).results
}

async function keepOnly(d1: D1Database, isKept: (name: string) => boolean): Promise<void> {
  const gone = (await tablesOf(d1)).filter(({ name }) => !isKept(name))
  const views = gone.filter(({ type }) => type === 'view')
  const tables = gone.filter(({ type }) => type === 'table')
  const drops = [...views, ...tables].map(({ name, type }) => d1.prepare(`DROP ${type} "${name}"`))
  await d1.batch([d1.prepare('PRAGMA defer_foreign_keys = on'), ...drops])
}

/**
 * From here on the tenants of this test file have their events in a database of its own. Neither database has the tables of the
 * other: whoever asks the wrong one is told that there is no such table.
 */
export async function moveToShard(): Promise<void> {
  await applyD1Migrations(env.DB_SHARD_1, env.TEST_MIGRATIONS)
  const isShared = (name: string) => name === 'webhook_delivery'
  await keepOnly(env.DB_SHARD_1, name => EVENT_TABLES.includes(name) || isShared(name))
  await keepOnly(env.DB, name => !EVENT_TABLES.includes(name))
  Object.assign(state, { shard: 1, events: env.DB_SHARD_1 })
}
