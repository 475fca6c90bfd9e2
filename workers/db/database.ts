import { type DrizzleD1Database, drizzle } from 'drizzle-orm/d1'

/** D1 with drizzle over it; `$client` is D1 itself, for statements that drizzle cannot say. */
export type Database = DrizzleD1Database & { $client: D1Database }

/** Wraps a D1 binding. Cheap: nothing is read. */
export function openDatabase(d1: D1Database): Database {
  return drizzle(d1)
}
