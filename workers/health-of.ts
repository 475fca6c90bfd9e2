import { sql } from 'drizzle-orm'
import type { Database } from './db/database.ts'

/** How long what was found holds, in milliseconds: anyone may ask, and not everyone's question is worth a read of D1. */
const HOLDS_MS = 5000

/** What `GET /health` says. Without D1 requests are still served, so that this is no reason to send them elsewhere. */
export type HealthStatus = { status: 'ok' | 'degraded'; components: { db_pings: 'ok' | 'error' } }

type HealthPorts = { db: Database; nowMs(): number }

let known: { untilMs: number; health: HealthStatus } | undefined

/** Whether D1 answers, by Bifrost's names of members. */
export async function healthOf({ db, nowMs }: HealthPorts): Promise<HealthStatus> {
  if (known && known.untilMs > nowMs()) return known.health
  const isUp = await db.run(sql`SELECT 1`).then(
    () => true,
    () => false,
  )
  const health: HealthStatus = isUp
    ? { status: 'ok', components: { db_pings: 'ok' } }
    : { status: 'degraded', components: { db_pings: 'error' } }
  known = { untilMs: nowMs() + HOLDS_MS, health }
  return health
}
