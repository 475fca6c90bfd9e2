import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// The table that `wrangler d1 migrations` keeps, so that both know what the other has applied.
const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`

async function apply(db, { name, sql, split }) {
  const record = db.prepare('INSERT INTO d1_migrations (name) VALUES (?1)').bind(name)
  // One batch is one transaction: a file is applied and noted, or neither.
  await db.batch([...split(sql).map(statement => db.prepare(statement)), record]).catch(error => {
    throw new Error(`migration ${name} failed: ${error.message}`)
  })
}

/** Applies the migrations in `dir` that the database has not had, in the order of their names. Answers their names. */
export async function migrate(db, dir) {
  await db.prepare(BOOKKEEPING).run()
  const { results } = await db.prepare('SELECT name FROM d1_migrations').all()
  const applied = new Set(results.map(row => row.name))
  const pending = readdirSync(dir)
    .filter(name => name.endsWith('.sql') && !applied.has(name))
    .sort()
  if (pending.length === 0) return pending
  // Only here, because loading wrangler takes a second.
  const { unstable_splitSqlQuery: split } = await import('wrangler')
  for (const name of pending) await apply(db, { name, sql: readFileSync(join(dir, name), 'utf8'), split })
  return pending
}
