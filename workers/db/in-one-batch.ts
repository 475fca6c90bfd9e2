import type { Query, SQL } from 'drizzle-orm'
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core'
import type { Database } from './database.ts'

/** A statement of drizzle's, or one in SQL. */
export type Statement = SQL | { toSQL(): Query }

const dialect = new SQLiteAsyncDialect()

function queryOf(statement: Statement): Query {
  return 'toSQL' in statement ? statement.toSQL() : dialect.sqlToQuery(statement)
}

/**
 * Runs all statements in one transaction, and answers the rows of each as D1 gives them. Not `db.batch`, which takes no
 * statement in SQL that has parameters.
 */
export async function inOneBatch(db: Database, statements: Statement[]): Promise<unknown[][]> {
  const queries = statements.map(queryOf)
  const results = await db.$client.batch(queries.map(({ sql, params }) => db.$client.prepare(sql).bind(...params)))
  return results.map(result => result.results)
}
