import { env } from 'cloudflare:workers'
import { getTableColumns, getTableName } from 'drizzle-orm'
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { describe, it } from 'vitest'
import * as schema from '../../workers/db/schema.ts'

type ColumnInfo = { name: string; type: string; notnull: number; pk: number }

const tables: SQLiteTable[] = Object.values(schema)

async function migratedColumns(table: string): Promise<ColumnInfo[]> {
  return (await env.DB.prepare(`PRAGMA table_info(${table})`).all<ColumnInfo>()).results
}

function declaredKey(table: SQLiteTable): string[] {
  const [composite] = getTableConfig(table).primaryKeys
  if (composite) return composite.columns.map(column => column.name)
  return Object.values(getTableColumns(table)).flatMap(column => (column.primary ? [column.name] : []))
}

function declaredColumns(table: SQLiteTable): ColumnInfo[] {
  const key = declaredKey(table)
  return Object.values(getTableColumns(table)).map(column => ({
    name: column.name,
    type: column.getSQLType().toUpperCase(),
    notnull: Number(column.notNull),
    pk: key.indexOf(column.name) + 1,
  }))
}

async function migratedTables(): Promise<{ name: string; sql: string }[]> {
  const text = `SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'd1_%'
    AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' ORDER BY name`
  return (await env.DB.prepare(text).all<{ name: string; sql: string }>()).results
}

describe('the migrated database', () => {
  it.for(tables.map(getTableName))(
    'has the columns, types, nullability and key that schema.ts says: %s',
    async (name, { expect }) => {
      const table = tables.find(candidate => getTableName(candidate) === name)
      const migrated = (await migratedColumns(name)).map(({ name, type, notnull, pk }) => ({ name, type, notnull, pk }))
      expect(migrated).toEqual(table && declaredColumns(table))
    },
  )

  it('has the tables of schema.ts and no others, all of them STRICT', async ({ expect }) => {
    const migrated = await migratedTables()
    expect(migrated.map(table => table.name)).toEqual(tables.map(getTableName).sort())
    expect(migrated.filter(table => !/STRICT/.test(table.sql))).toEqual([])
  })

  it('has no secondary index on usage events, which would double what each costs to write', async ({ expect }) => {
    const text = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'usage_event' AND sql IS NOT NULL"
    expect((await env.DB.prepare(text).all()).results).toEqual([])
  })
})
