import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { resumeExports } from '../../workers/accounting/exports/resume-exports.ts'
import { runExport } from '../../workers/accounting/exports/run-export.ts'
import { sweepExports } from '../../workers/accounting/exports/sweep-exports.ts'
import type { TenantId } from '../../workers/core/access/tenant-id.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'
import { openDatabase } from '../../workers/db/database.ts'
import type { ExportJob } from '../../workers/db/export-job.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { exportJob } from '../../workers/db/schema/exports.ts'
import { eventsHere, shardHere } from '../shards/databases.ts'
import { fakePorts } from './fake-ports.ts'
import { countCalls, mortalPorts } from './killed.ts'
import { makeEvent } from './make-event.ts'

// Long, and the same wherever events are.
const itOnce = it.skipIf(shardHere() > 0)
const START = Date.UTC(2026, 10, 18)
const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 20, 12)
const db = openDatabase(env.DB)

async function newTenant(): Promise<TenantId> {
  const id = crypto.randomUUID()
  await env.DB.prepare('INSERT INTO tenant (id, name, created_ms) VALUES (?1, ?1, 1)').bind(id).run()
  return id as TenantId
}

async function book(tenantId: TenantId, events: UsageEvent[]): Promise<void> {
  await insertEvents(eventsHere(), { tenantId, events: events.map(event => ({ ...event, tenant_id: tenantId })) })
}

/** A new export of all that a tenant has. */
async function ask(tenantId: TenantId, fields: Partial<ExportJob> = {}): Promise<ExportJob> {
  const id = crypto.randomUUID()
  const nothing = { cursor: '', carry: '', parts: 0, rowCount: 0, events: 0, bytes: 0, costNano: 0, error: null }
  const row: ExportJob = {
    ...{ tenantId, id, dataset: 'events', format: 'ndjson', focusVersion: null, status: 'queued', phase: 'write' },
    query: { startMs: START - 400 * DAY, endMs: START + DAY, filter: {} },
    ...nothing,
    ...{ objectKey: `exports/${tenantId}/${id}`, uploadId: null, attempts: 0, restarts: 0, leaseOwner: '' },
    ...{ leaseUntilMs: 0, createdBy: 'user:u', createdMs: NOW, updatedMs: NOW },
    ...{ completedMs: null, expiresMs: null, deletedMs: null, removedMs: null },
    ...fields,
  }
  await db.insert(exportJob).values(row)
  return row
}

async function stored({ tenantId, id }: ExportJob): Promise<ExportJob> {
  const rows = await db.select().from(exportJob)
  const row = rows.find(one => one.tenantId === tenantId && one.id === id)
  if (!row) throw new Error('no such export')
  return row
}

async function fileOf(job: ExportJob): Promise<string> {
  const { objectKey } = await stored(job)
  const object = await env.ARCHIVE.get(objectKey)
  return object ? object.text() : 'no file'
}

/** Goes on with an export until it has ended, by a clock on which every lease has run out. */
async function finish(job: ExportJob): Promise<ExportJob> {
  for (let round = 1; round < 20; round++) {
    const { ports } = fakePorts({ nowMs: () => NOW + round * 3_600_000 })
    await runExport(job, ports)
    const row = await stored(job)
    if (row.status === 'completed' || row.status === 'failed') return row
  }
  throw new Error('it never ends')
}

const lines = (text: string) => text.split('\n').filter(line => line !== '')

describe('an export of events', () => {
  it('has every event of its range once, in order, as the API shows it', async ({ expect }) => {
    const tenantId = await newTenant()
    const events = Array.from({ length: 2500 }, (_, index) => makeEvent(START + index * 1000, { cost_nano: index }))
    await book(tenantId, events)
    await book(await newTenant(), [makeEvent(START)])
    const job = await ask(tenantId)
    await runExport(job, fakePorts().ports)
    const row = await stored(job)
    expect(row).toMatchObject({ status: 'completed', rowCount: 2500, events: 2500, costNano: (2499 * 2500) / 2 })
    const shown = lines(await fileOf(job)).map(line => JSON.parse(line))
    expect(shown.map(({ id }) => id)).toEqual(events.map(({ id }) => id))
    expect(shown[7]).toMatchObject({ cost_nano: '7', timestamp: new Date(START + 7000).toISOString(), tags: {} })
    expect(row.bytes).toBe((await env.ARCHIVE.head(job.objectKey))?.size)
  })

  it.for([
    ['json', '[\n]\n'],
    ['ndjson', ''],
    ['csv', /^id,request_id,timestamp,[a-z_,]*,tags,source,rule_id\r\n$/],
  ] as const)('is a good file without a row: %s', async ([format, text], { expect }) => {
    const job = await ask(await newTenant(), { format })
    await runExport(job, fakePorts().ports)
    expect((await stored(job)).status).toBe('completed')
    expect(await fileOf(job)).toMatch(text)
    if (typeof text === 'string') expect(await fileOf(job)).toBe(text)
  })

  it('leaves out what came after it was asked for, and what other filters do not want', async ({ expect }) => {
    const tenantId = await newTenant()
    const fields = { entity_type: 'customer', entity_id: 'acme', tags: { a: 'b', c: 'd' }, settled_ms: NOW }
    const wanted = makeEvent(START, fields)
    const later = makeEvent(START + 1, { ...wanted, id: makeEvent(START + 1).id, settled_ms: NOW + 1 })
    const corrected = makeEvent(START + 2, { ...later, id: makeEvent(START + 2).id, revision: 2 })
    const other = makeEvent(START + 3, { entity_type: 'customer', entity_id: 'other', tags: { a: 'b' } })
    await book(tenantId, [wanted, later, corrected, other])
    const filter = { entity_type: 'customer', entity_id: 'acme' }
    const query = { startMs: START, endMs: START + DAY, filter, tags: { a: 'b' } }
    const job = await ask(tenantId, { query, format: 'json' })
    await runExport(job, fakePorts().ports)
    const ids = JSON.parse(await fileOf(job)).map((event: { id: string }) => event.id)
    expect(ids).toEqual([wanted.id, corrected.id])
  })

  itOnce('is the same file wherever its runner is killed', { timeout: 120_000 }, async ({ expect }) => {
    const tenantId = await newTenant()
    // Two parts, cut in the middle of a row and of a letter.
    const wide = Array.from({ length: 7 }, (_, index) =>
      makeEvent(START + index, { tags: { text: 'ü'.repeat(420_000) } }),
    )
    for (const event of wide) await book(tenantId, [event])
    const whole = await ask(tenantId, { format: 'csv' })
    const total = await countCalls(ports => runExport(whole, ports))
    const file = await fileOf(whole)
    expect((await stored(whole)).parts).toBe(2)
    expect(lines(file)).toHaveLength(8)
    for (let atCall = 1; atCall <= total; atCall++) {
      const job = await ask(tenantId, { format: 'csv' })
      await runExport(job, mortalPorts(atCall).ports).catch(() => undefined)
      const row = await finish(job)
      expect([atCall, row.status, row.restarts]).toEqual([atCall, 'completed', 0])
      expect((await fileOf(job)) === file).toBe(true)
      expect(row).toMatchObject({ rowCount: 7, events: 7, bytes: new TextEncoder().encode(file).length })
      await env.ARCHIVE.delete(job.objectKey)
    }
  })

  it('is written by one of those who come at once, and completed once', async ({ expect }) => {
    const tenantId = await newTenant()
    await book(tenantId, [makeEvent(START)])
    const job = await ask(tenantId)
    let completed = 0
    const { ports } = fakePorts()
    const whenCompleted = () => {
      completed += 1
      return []
    }
    const all = { ...ports, exports: { ...ports.exports, whenCompleted } }
    await Promise.all([1, 2, 3, 4].map(() => runExport(job, all)))
    expect(completed).toBe(1)
    expect(lines(await fileOf(job))).toHaveLength(1)
  })

  it('is taken up by the cron, fails after so many attempts, and its file goes when it expires', async ({ expect }) => {
    const tenantId = await newTenant()
    await book(tenantId, [makeEvent(START)])
    const job = await ask(tenantId)
    await resumeExports(fakePorts({ nowMs: () => NOW + 60_000 }).ports)
    expect((await stored(job)).status).toBe('completed')
    const late = fakePorts({ nowMs: () => NOW + 2 * DAY }).ports
    await sweepExports(late)
    expect(await fileOf(job)).toBe('no file')
    expect((await stored(job)).removedMs).toBe(NOW + 2 * DAY)
    const hopeless = await ask(tenantId, { attempts: 8 })
    await runExport(hopeless, fakePorts().ports)
    expect(await stored(hopeless)).toMatchObject({ status: 'failed', error: expect.stringMatching(/new export/) })
  })

  it('begins anew where a part is not the one that was written down', async ({ expect }) => {
    const tenantId = await newTenant()
    await book(tenantId, [makeEvent(START)])
    const job = await ask(tenantId)
    await runExport(job, mortalPorts(8).ports).catch(() => undefined)
    const { uploadId, parts } = await stored(job)
    expect([typeof uploadId, parts]).toEqual(['string', 1])
    await env.ARCHIVE.resumeMultipartUpload(job.objectKey, uploadId ?? '').uploadPart(1, 'something else')
    const row = await finish(job)
    expect(row).toMatchObject({ status: 'completed', restarts: 1, rowCount: 1 })
    expect(lines(await fileOf(job))).toHaveLength(1)
  })

  it('that is deleted while it is written leaves no file', async ({ expect }) => {
    const tenantId = await newTenant()
    await book(tenantId, [makeEvent(START)])
    const job = await ask(tenantId)
    const { ports } = fakePorts()
    const store = new Proxy(env.ARCHIVE, {
      get(target, name) {
        if (name !== 'head') return Reflect.get(target, name).bind(target)
        return async (key: string) => {
          await env.DB.prepare('UPDATE export_job SET deleted_ms = 1 WHERE id = ?1').bind(job.id).run()
          return target.head(key)
        }
      },
    })
    await runExport(job, { ...ports, exports: { ...ports.exports, store } })
    expect(await env.ARCHIVE.head(job.objectKey)).toBeNull()
    await sweepExports(ports)
    await expect(stored(job)).rejects.toThrow('no such export')
  })
})
