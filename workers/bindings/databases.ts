import { type EventsDb, openDatabase } from '../db/database.ts'
import { type Databases, shardedDatabases } from '../db/shards.ts'

// Not in the generated Env: wrangler.toml binds as many as a deployment wants.
function shardOf(env: Env, number: number): EventsDb {
  const name = `DB_SHARD_${number}`
  const bound = (env as Env & Record<string, unknown>)[name]
  if (!bound) throw new Error(`DB_SHARDS says that there is a database ${name}, and none is bound: see docs/shards.md`)
  // The name is that of a database of ours, as DB is.
  return openDatabase(bound as D1Database)
}

/** The databases of a deployment with so many shards. */
export function databasesOf(env: Env, shards: number): Databases {
  const others = Array.from({ length: shards - 1 }, (_, index) => shardOf(env, index + 1))
  return shardedDatabases(openDatabase(env.DB), others, Date.now)
}
