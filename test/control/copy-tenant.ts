import { env } from 'cloudflare:workers'
import type { SealOwner } from '../../workers/core/key/seal.ts'
import { type Control, fakeControl, fakeSignIn, seals } from './fake-ports.ts'

type Rows = Record<string, Record<string, unknown>[]>
type Sealed = { sealed: string; text: string; owner: SealOwner }
type Original<T> = { made: T; rows: Rows; control: Control; sealed: Sealed[] }

/** What every copy has of its own: ids with dashes and, where a prefix says that they are ids, without. */
const IDS =
  /[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=(?:agt|evt|whe|exp)_[0-9a-f]*)[0-9a-f]{32}/g

const originals = new Map<unknown, Promise<Original<unknown>>>()

/** Whose rows they are, by table; all others say it in a column. */
const OWNED: Record<string, string> = {
  tenant: 'id = ?1',
  user: 'id IN (SELECT user_id FROM member WHERE tenant_id = ?1)',
}

/** All rows of a tenant, and those of its users, without what SQLite works out itself and what a deployment has once. */
async function rowsOf(tenantId: string): Promise<Rows> {
  const text = `SELECT t.name, group_concat(c.name) AS columns FROM sqlite_master AS t, pragma_table_info(t.name) AS c
    WHERE t.type = 'table' AND t.name <> 'setup_state' AND (t.sql LIKE '%tenant_id TEXT%' OR t.name IN ('tenant', 'user')) GROUP BY t.name`
  const tables = (await env.DB.prepare(text).all<{ name: string; columns: string }>()).results
  const found = await env.DB.batch<Record<string, unknown>>(
    tables.map(({ name, columns }) => {
      return env.DB.prepare(`SELECT ${columns} FROM "${name}" WHERE ${OWNED[name] ?? 'tenant_id = ?1'}`).bind(tenantId)
    }),
  )
  const all = tables.map(({ name }, at) => [name, found[at]?.results ?? []] as const)
  return Object.fromEntries(all.filter(([, rows]) => rows.length > 0))
}

function insertOf(table: string, rows: Record<string, unknown>[]) {
  const columns = Object.keys(rows[0] ?? {})
  const values = columns.map(column => `value ->> '$.${column}'`)
  const text = `INSERT INTO "${table}" (${columns.join(', ')}) SELECT ${values.join(', ')} FROM json_each(?1)`
  return env.DB.prepare(text).bind(JSON.stringify(rows))
}

async function make<T extends { tenantId: string }>(furnish: (control: Control) => Promise<T>): Promise<Original<T>> {
  const sealed: Sealed[] = []
  const note = async (text: string, owner: SealOwner) => {
    const made = await seals.seal(text, owner)
    sealed.push({ sealed: made, text, owner })
    return made
  }
  const sealSecret: Control['ports']['sealSecret'] = (secret, owner) => note(JSON.stringify(secret), owner)
  const control = fakeControl({ sealSecret, signIn: fakeSignIn({ seal: note }) })
  const made = await furnish(control)
  return { made, rows: await rowsOf(made.tenantId), control, sealed }
}

const plain = (id: string) => id.replaceAll('-', '')

/** Another id for each, of the same form; those that are in the order of time stay in it. */
function renamesOf(text: string, { ports }: Control): Map<string, string> {
  const ids = [...new Set((text.match(IDS) ?? []).map(plain))].toSorted()
  return new Map(
    ids.map(id => {
      const isTimed = id[12] === '7'
      return [id, isTimed ? ports.newTimedId(Number.parseInt(id.slice(0, 12), 16)) : ports.newId()]
    }),
  )
}

/**
 * What `furnish` makes, as another tenant's: its rows are copied under other ids, what was sealed is sealed to its new owner, and
 * `control` has heard of all pushes. The first time it is really made.
 */
export async function copyOf<T extends { tenantId: string }>(
  furnish: (control: Control) => Promise<T>,
  control: Control,
): Promise<T> {
  const original = (originals.get(furnish) ?? make(furnish)) as Promise<Original<T>>
  originals.set(furnish, original)
  const { made, rows, sealed, control: first } = await original
  const { pushed, pushedScopes, pushOrder, woken } = first
  const text = JSON.stringify({ made, rows, pushed, pushedScopes, pushOrder, woken })
  const renames = renamesOf(text, control)
  const rename = (of: string) =>
    of.replaceAll(IDS, id => {
      const other = renames.get(plain(id)) ?? id
      return id.includes('-') ? other : plain(other)
    })
  let renamed = rename(text)
  for (const one of sealed) {
    const owner: SealOwner = JSON.parse(rename(JSON.stringify(one.owner)))
    renamed = renamed.replaceAll(one.sealed, await seals.seal(rename(one.text), owner))
  }
  const copy = JSON.parse(renamed)
  const inserts = Object.entries<Rows[string]>(copy.rows).map(([table, some]) => insertOf(table, some))
  await env.DB.batch([env.DB.prepare('PRAGMA defer_foreign_keys = on'), ...inserts])
  control.pushed.push(...copy.pushed)
  control.pushedScopes.push(...copy.pushedScopes)
  control.pushOrder.push(...copy.pushOrder)
  control.woken.push(...copy.woken)
  return copy.made
}
