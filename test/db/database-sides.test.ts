import { env } from 'cloudflare:workers'
import { getTableName, isTable } from 'drizzle-orm'
import { describe, it } from 'vitest'
import { EVENT_TABLES } from '../shards/databases.ts'

const sources = import.meta.glob<string>('../../workers/db/**/*.ts', { query: '?raw', import: 'default', eager: true })
const schemas = import.meta.glob<Record<string, unknown>>('../../workers/db/schema/*.ts', { eager: true })

/** Files that write both sides: each says what happens where they are two databases. */
const BOTH = ['note-delivery', 'report-events', 'save-webhook', 'tell-webhooks', 'recompute-rollups']
/** Each side has some. */
const SHARED = ['webhook_delivery']

const exported = Object.values(schemas).flatMap(module => Object.entries(module))
const TABLE_OF = new Map(exported.flatMap(([name, value]) => (isTable(value) ? [[name, getTableName(value)]] : [])))

// What drizzle is given, and what stands in a text where SQL has a table.
function tablesIn(text: string, known: Set<string>): string[] {
  const imports = [...text.matchAll(/import (?:type )?\{([^}]*)\} from '[./]*schema\//g)].flatMap(([, names = '']) =>
    names.split(',').flatMap(name => TABLE_OF.get(name.trim().split(' ')[0] ?? '') ?? []),
  )
  const inSql = [...text.matchAll(/\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)/g)].map(([, name = '']) => name)
  return [...new Set([...imports, ...inSql])].filter(name => known.has(name) && !SHARED.includes(name))
}

describe('a query', () => {
  it('asks the tables of one side, and says by its type which', async ({ expect }) => {
    const text = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"
    const known = new Set((await env.DB.prepare(text).all<{ name: string }>()).results.map(({ name }) => name))
    for (const name of EVENT_TABLES) expect(known).toContain(name)
    const wrong = Object.entries(sources).flatMap(([path, source]) => {
      const file = /([^/]+)\.ts$/.exec(path)?.[1] ?? ''
      if (path.includes('/schema/') || BOTH.includes(file)) return []
      const sides = [/\bConfigDb\b/, /\bEventsDb\b/].map(side => side.test(source))
      const tables = tablesIn(source, known)
      const events = tables.filter(name => EVENT_TABLES.includes(name))
      const config = tables.filter(name => !EVENT_TABLES.includes(name))
      const [hasConfig, hasEvents] = sides
      return [
        ...(hasConfig ? events.map(name => `${file}: ${name} is of events, and is asked for in a ConfigDb`) : []),
        ...(hasEvents && !hasConfig ? config.map(name => `${file}: ${name} is not where events are`) : []),
      ]
    })
    expect(wrong).toEqual([])
    expect(Object.keys(sources).length).toBeGreaterThan(100)
  })
})
