import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'

/** D1 with drizzle over it; `$client` is D1 itself, for statements that drizzle cannot say. */
export type Database = DrizzleD1Database & { $client: D1Database }

declare const hasConfig: unique symbol
declare const hasEvents: unique symbol

/** The database of what is configured: one for all tenants. */
export type ConfigDb = Database & { readonly [hasConfig]: true }

/** A database of what traffic writes: of some tenants, all that they have (docs/shards.md). Another type, so that no query asks the wrong one. */
export type EventsDb = Database & { readonly [hasEvents]: true }

/** Wraps a D1 binding. Cheap: nothing is read. What it is used for, and so which tables are asked for, is said by the port that it becomes. */
export function openDatabase(d1: D1Database): ConfigDb & EventsDb {
  // The two marks exist for the compiler alone.
  return drizzle(d1) as Database as ConfigDb & EventsDb
}

/** Whether two are the same database, in which one transaction can write what is of both. */
export function isSameDatabase(one: Database, other: Database): boolean {
  return one.$client === other.$client
}
