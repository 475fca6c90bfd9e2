import { count, type SQL } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Database } from './database.ts'

/** Which rows of a table, in which order, and which part of them: at most `limit` (-1 is all) after `offset` others. */
export type PageQuery = { where?: SQL | undefined; orderBy: (SQL | SQLiteColumn)[]; limit: number; offset: number }

/** A page of a table's rows, and how many there are in all, in one reading. */
export async function selectPage<Table extends SQLiteTable>(
  db: Database,
  table: Table,
  { where, orderBy, limit, offset }: PageQuery,
): Promise<{ rows: Table['$inferSelect'][]; total: number }> {
  const from = table as SQLiteTable
  const page = db.select().from(from).where(where)
  const [rows, totals] = await db.batch([
    page
      .orderBy(...orderBy)
      .limit(limit)
      .offset(offset),
    db.select({ total: count() }).from(from).where(where),
  ])
  return { rows, total: totals[0]?.total ?? 0 }
}
