import { env } from 'cloudflare:workers'
import { getTableColumns, getTableName } from 'drizzle-orm'
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { describe, it } from 'vitest'

type ColumnInfo = { name: string; type: string; notnull: number; pk: number }

const families = import.meta.glob<Record<string, SQLiteTable>>('../../workers/db/schema/*.ts', { eager: true })
const tables: SQLiteTable[] = Object.values(families).flatMap(Object.values)

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
    'has the columns, types, nullability and key that db/schema says: %s',
    async (name, { expect }) => {
      const table = tables.find(candidate => getTableName(candidate) === name)
      const migrated = (await migratedColumns(name)).map(({ name, type, notnull, pk }) => ({ name, type, notnull, pk }))
      expect(migrated).toEqual(table && declaredColumns(table))
    },
  )

  it('has the tables of db/schema and no others, all of them STRICT', async ({ expect }) => {
    const migrated = await migratedTables()
    expect(migrated.map(table => table.name)).toEqual(tables.map(getTableName).sort())
    expect(migrated.filter(table => !/STRICT/.test(table.sql))).toEqual([])
  })

  it('keeps no secret of a provider key as it is', async ({ expect }) => {
    const tenant = crypto.randomUUID()
    await env.DB.prepare('INSERT INTO tenant (id, name, created_ms) VALUES (?1, ?1, 1)').bind(tenant).run()
    await env.DB.prepare(`INSERT INTO provider_account (tenant_id, name, vendor, version, created_ms, updated_ms)
      VALUES (?1, 'openai', 'openai', 1, 1, 1)`)
      .bind(tenant)
      .run()
    const insert = (sealed: string) =>
      env.DB.prepare(`INSERT INTO provider_key (tenant_id, id, account, name, weight, models, blacklisted_models, settings,
        sealed, masked_value, enabled, created_ms, updated_ms)
        VALUES (?1, ?2, 'openai', ?2, 1, '["*"]', '[]', '{}', ?3, '****', 1, 1, 1)`)
        .bind(tenant, crypto.randomUUID(), sealed)
        .run()
    for (const sealed of ['sk-secret', '', 'v1.', 'env.', 'v2.AAAA'])
      await expect(insert(sealed)).rejects.toThrow(/CHECK/)
    for (const sealed of ['v1.AAAA', 'env.NAME']) await insert(sealed)
  })

  const TENANT = crypto.randomUUID()
  const BUDGET = `INSERT INTO budget (tenant_id, id, scope, max_limit_nano, reset_duration, calendar_aligned, anchor_ms,
    created_ms, updated_ms`
  const VALUES = `VALUES ('${TENANT}', ?1, 'user:u', 5, '1Y', 1, 1, 1, 1`

  it('refuses at a limit of which nothing else is said, as all did before it could be said', async ({ expect }) => {
    await env.DB.prepare(`${BUDGET}) ${VALUES})`).bind(crypto.randomUUID()).run()
    const columns = 'unit, on_exceed, clamp_floor, downgrade_to, thresholds, fiscal_year_start'
    const limits = await env.DB.prepare(`SELECT ${columns} FROM scope_limit WHERE tenant_id = ?1`).bind(TENANT).all()
    const nothing = { clamp_floor: null, downgrade_to: null, thresholds: null, fiscal_year_start: null }
    expect(limits.results).toEqual([{ unit: 'nano_usd', on_exceed: 'refuse', ...nothing }])
  })

  it.for([
    ['on_exceed', "'explode'"],
    ['on_exceed', "'clamp'"],
    ['on_exceed', "'downgrade'"],
    ['clamp_floor', '16'],
    ['downgrade_to', "'m'"],
    ['on_exceed, clamp_floor', "'clamp', 0"],
    ['on_exceed, downgrade_to', "'downgrade', ''"],
    ['thresholds', "'{}'"],
    ['fiscal_year_start', "'4/6'"],
    ['override_amount_nano', '5'],
    ['override_from_ms', '5'],
    ['override_until_ms', '5'],
    ['override_amount_nano, override_from_ms', '0, 5'],
    ['override_amount_nano, override_from_ms, override_until_ms', '1, 5, 5'],
  ] as const)('refuses a limit whose %s is %s', async ([columns, values], { expect }) => {
    const insert = env.DB.prepare(`${BUDGET}, ${columns}) ${VALUES}, ${values})`).bind(crypto.randomUUID())
    await expect(insert.run()).rejects.toThrow(/CHECK constraint failed/)
  })

  it('has no secondary index on all usage events, which would double what each costs to write', async ({ expect }) => {
    const text = "SELECT name, partial FROM pragma_index_list('usage_event') WHERE origin = 'c'"
    const indexes = (await env.DB.prepare(text).all()).results
    expect(indexes).toEqual([{ name: 'usage_event_by_skipped', partial: 1 }])
  })
})
