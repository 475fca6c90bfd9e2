import type { Query, SQL } from 'drizzle-orm'
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core'
import type { Database } from './database.ts'

/** A statement of drizzle's, or one in SQL. */
export type Statement = SQL | { toSQL(): Query }

const dialect = new SQLiteAsyncDialect()

function queryOf(statement: Statement): Query {
  return 'toSQL' in statement ? statement.toSQL() : dialect.sqlToQuery(statement)
}

/** A statement as D1 takes it, for a batch of statements in SQL. */
export function prepared(db: Database, statement: Statement): D1PreparedStatement {
  const { sql, params } = queryOf(statement)
  return db.$client.prepare(sql).bind(...params)
}

/**
 * Runs all statements in one transaction, and answers the rows of each as D1 gives them. Not `db.batch`, which takes no
 * statement in SQL that has parameters.
 */
export async function inOneBatch(db: Database, statements: Statement[]): Promise<unknown[][]> {
  const results = await db.$client.batch(statements.map(statement => prepared(db, statement)))
  return results.map(result => result.results)
}
