import type { TenantId } from '../../core/access/tenant-id.ts'
import type { EventsDb } from '../database.ts'
import type { MovedTable } from './moved-tables.ts'

/** Rows of a table as lists of their values, in the order of its columns. */
export type Rows = unknown[][]

/** How many rows are read and written at once: as one text they are less than the two million bytes that D1 takes. */
const PAGE = 250

const extracted = (index: number, from = 'value') => `json_extract(${from}, '$[${index}]')`
const listed = (names: string[]) => names.join(', ')

/** A page of a tenant's rows in the order of their keys, from the one after `after` on, which is a key as `keyOf` says it. */
export function readRows(db: EventsDb, table: MovedTable, of: { tenantId: TenantId; after: string }): Promise<Rows> {
  const { name, columns, key } = table
  const after = key.map((_, index) => `json_extract(?2, '$[${index}]')`)
  const isLater = of.after === '' ? "?2 = ''" : `(${listed(key)}) > (${listed(after)})`
  const text = `SELECT ${listed(columns)} FROM ${name} WHERE tenant_id = ?1 AND ${isLater}
    ORDER BY ${listed(key)} LIMIT ${PAGE}`
  return db.$client.prepare(text).bind(of.tenantId, of.after).raw<unknown[]>()
}

/** Whether there may be more rows after these. */
export const isFullPage = (rows: Rows) => rows.length === PAGE

const indexesOf = ({ columns }: MovedTable, names: string[]) => names.map(name => columns.indexOf(name))

/** The key of a row, without its tenant. */
export function keyOf(table: MovedTable, row: unknown[]): string {
  return JSON.stringify(indexesOf(table, table.key).map(index => row[index]))
}

// A statement of a meter is compared anew where it is replaced.
function replacing({ name, columns, key }: MovedTable): string {
  const others = columns.filter(column => column !== 'tenant_id' && !key.includes(column))
  const newValue = (column: string) =>
    column === 'change_seq' ? `max(${name}.change_seq, excluded.change_seq) + 1` : `excluded.${column}`
  const set = others.map(column => `${column} = ${newValue(column)}`)
  return `DO UPDATE SET ${listed(set)} WHERE excluded.revision > ${name}.revision`
}

/** Writes rows where they are not yet, or in an earlier revision. */
export async function putRows(db: EventsDb, table: MovedTable, rows: Rows): Promise<void> {
  const { name, columns, key, hasRevisions } = table
  const text = `INSERT INTO ${name} (${listed(columns)})
    SELECT ${listed(columns.map((_, index) => extracted(index)))} FROM json_each(?1) WHERE true
    ON CONFLICT (tenant_id, ${listed(key)}) ${hasRevisions ? replacing(table) : 'DO NOTHING'}`
  await db.$client.prepare(text).bind(JSON.stringify(rows)).run()
}

function namesOf({ key, hasRevisions }: MovedTable): string[] {
  return hasRevisions ? [...key, 'revision'] : key
}

// Compared one by one, since a revision that is there may be a later one.
function isThere(table: MovedTable): string {
  const conditions = namesOf(table).map(
    (name, index) => `${table.name}.${name} ${name === 'revision' ? '>=' : '='} ${extracted(index, 'named.value')}`,
  )
  return conditions.join(' AND ')
}

function namedRows(table: MovedTable, rows: Rows): string {
  const indexes = indexesOf(table, namesOf(table))
  return JSON.stringify(rows.map(row => indexes.map(index => row[index])))
}

/** Those of these rows that are not there, in their revision or a later one. */
export async function missingRows(
  db: EventsDb,
  table: MovedTable,
  { tenantId, rows }: { tenantId: TenantId; rows: Rows },
): Promise<Rows> {
  const text = `SELECT named.key AS place FROM json_each(?2) AS named WHERE NOT EXISTS
    (SELECT 1 FROM ${table.name} WHERE tenant_id = ?1 AND ${isThere(table)})`
  const found = await db.$client.prepare(text).bind(tenantId, namedRows(table, rows)).all<{ place: number }>()
  return found.results.flatMap(({ place }) => (rows[place] ? [rows[place]] : []))
}

/** Deletes rows, in just the revision that was read. */
export async function deleteRows(
  db: EventsDb,
  table: MovedTable,
  { tenantId, rows }: { tenantId: TenantId; rows: Rows },
): Promise<void> {
  const isAmong = (names: string[]) =>
    `(${listed(names)}) IN (SELECT ${listed(names.map((_, index) => extracted(index)))} FROM json_each(?2))`
  // By the key alone as well, so that its index is used whatever SQLite thinks of the revision.
  const text = `DELETE FROM ${table.name} WHERE tenant_id = ?1 AND ${isAmong(table.key)} AND ${isAmong(namesOf(table))}`
  await db.$client.prepare(text).bind(tenantId, namedRows(table, rows)).run()
}
