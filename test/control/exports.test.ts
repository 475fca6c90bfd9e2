import { env, exports } from 'cloudflare:workers'
import { createHmac } from 'node:crypto'
import { describe, it, vi } from 'vitest'
import { runExport } from '../../workers/accounting/exports/run-export.ts'
import { sweepExports } from '../../workers/accounting/exports/sweep-exports.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { fakePorts } from '../accounting/fake-ports.ts'
import { makeEvent } from '../accounting/make-event.ts'
import { shardHere } from '../shards/databases.ts'
import { type Control, fakeControl, NOW, newTenant, send } from './fake-ports.ts'
import { apiKeyOf } from './route-samples.ts'

const AT = Date.UTC(2026, 10, 18, 10)
const DAY = 86_400_000
const RANGE = { start_date: '2026-11-01', end_date: '2026-11-30' }

async function setUp(clock = { nowMs: NOW }) {
  const control = fakeControl({ nowMs: () => clock.nowMs })
  const tenant = await newTenant(control)
  const { tenantId, call } = tenant
  const book = (...events: Partial<UsageEvent>[]) => {
    const made = events.map((fields, index) => makeEvent(AT + index, { ...fields, tenant_id: tenantId }))
    return insertEvents(control.ports.events, { tenantId, events: made })
  }
  const { ports: accounting, woken } = fakePorts({ nowMs: () => clock.nowMs })
  /** Makes an export, has it written, and answers how it is shown then. */
  const make = async (fields: Record<string, unknown> = {}) => {
    const { body } = await call('POST', '/v1/exports', { ...RANGE, ...fields })
    await runExport({ tenantId, id: String(body.id).slice('exp_'.length) }, accounting)
    return (await call('GET', `/v1/exports/${body.id}`)).body
  }
  const download = (url: string, headers: Record<string, string> = {}) => {
    const { pathname, search } = new URL(url)
    return control.app.request(pathname + search, { headers })
  }
  return { control, clock, accounting, woken, ...tenant, book, make, download }
}

describe('an export', () => {
  it('is asked for, written, shown and downloaded by its link alone', async ({ expect }) => {
    const { call, book, make, download } = await setUp()
    await book({ entity_type: 'customer' }, {}, { entity_type: 'customer' })
    const asked = await call('POST', '/v1/exports', { ...RANGE, format: 'csv', entity_type: 'customer' })
    expect(asked).toMatchObject({ status: 201, body: { status: 'queued', format: 'csv', download_url: null, rows: 0 } })
    const done = await make({ format: 'csv', entity_type: 'customer' })
    expect(done).toMatchObject({
      ...{ id: expect.stringMatching(/^exp_/), status: 'completed', dataset: 'events', rows: 2, events: 2 },
      ...{ start_date: '2026-11-01T00:00:00.000Z', end_date: new Date(NOW).toISOString(), cost_usd: 0.000054 },
      ...{ filters: { entity_type: 'customer' }, expires_at: new Date(NOW + DAY).toISOString(), error: null },
    })
    const file = await download(done.download_url)
    expect(file.status).toBe(200)
    expect(Object.fromEntries(file.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="weir-events-2026-11-01-2026-11-20.csv"',
      'content-length': String(done.bytes),
      'cache-control': 'private, no-store',
    })
    expect((await file.text()).split('\r\n')).toHaveLength(4)
    const listed = (await call('GET', '/v1/exports?status=completed')).body
    expect(listed).toMatchObject({ data: [done], pagination: { total: 1 } })
    expect((await call('GET', '/v1/exports')).body.pagination.total).toBe(2)
  })

  it('opens to nobody by another token, and to nobody once it has expired or was deleted', async ({ expect }) => {
    const { tenantId, call, make, download, clock, control, accounting } = await setUp()
    const [one, other] = [await make(), await make()]
    const url = new URL(one.download_url)
    const token = url.searchParams.get('token') ?? ''
    const at = (text: string) => `${url.origin}${url.pathname}?token=${encodeURIComponent(text)}`
    const [said = '', signature = ''] = token.split('.')
    const forever = Buffer.from(JSON.stringify([tenantId, NOW + 9 * DAY])).toString('base64url')
    const foreign = createHmac('sha256', 'another secret').update('x').digest('base64url')
    const stranger = await newTenant(control)
    const theirs = Buffer.from(JSON.stringify([stranger.tenantId, NOW + DAY])).toString('base64url')
    const wrong = ['', 'x', '.', `${said}.`, said, `${said}.${signature.slice(1)}`, `${said}.${foreign}`]
    wrong.push(`${forever}.${signature}`, `${theirs}.${signature}`, `${token}.x`, `${token}A`, `e30.${signature}`)
    wrong.push(new URL(other.download_url).searchParams.get('token') ?? '')
    for (const text of wrong) expect([text, (await download(at(text))).status]).toEqual([text, 404])
    expect((await download(at(token))).status).toBe(200)
    await call('DELETE', `/v1/exports/${other.id}`)
    expect((await download(other.download_url)).status).toBe(404)
    expect((await call('GET', `/v1/exports/${other.id}`)).status).toBe(404)
    expect((await call('DELETE', `/v1/exports/${other.id}`)).status).toBe(404)
    clock.nowMs += DAY
    expect((await download(at(token))).status).toBe(404)
    expect((await call('GET', `/v1/exports/${one.id}`)).body).toMatchObject({ status: 'completed', download_url: null })
    const key = (id: string) => `exports/${tenantId}/${id.slice('exp_'.length)}`
    expect(await env.ARCHIVE.head(key(one.id))).not.toBeNull()
    await sweepExports(accounting)
    expect([await env.ARCHIVE.head(key(one.id)), await env.ARCHIVE.head(key(other.id))]).toEqual([null, null])
  })

  it.for([
    ['bytes=0-3', 206, 'bytes 0-3/N'],
    ['bytes=4-', 206, 'bytes 4-L/N'],
    ['bytes=-5', 206, 'bytes F-L/N'],
    ['bytes=0-999999999', 206, 'bytes 0-L/N'],
    ['bytes=999999999-', 416, 'bytes */N'],
    ['bytes=-0', 416, 'bytes */N'],
    ['bytes=3-1', 200, null],
    ['lines=1-2', 200, null],
    ['bytes=0-1,3-4', 200, null],
  ] as const)('is downloaded in parts: %s', async ([range, status, told], { expect }) => {
    const { book, make, download } = await setUp()
    await book({})
    const { download_url } = await make({ format: 'csv' })
    const whole = await (await download(download_url)).text()
    const part = await download(download_url, { range })
    const size = whole.length
    const words =
      told
        ?.replace('N', `${size}`)
        .replace('L', `${size - 1}`)
        .replace('F', `${size - 5}`) ?? null
    expect([part.status, part.headers.get('content-range')]).toEqual([status, words])
    const [, first, last] = /bytes (\d+)-(\d+)/.exec(words ?? '') ?? ['', '0', `${size - 1}`]
    if (status !== 416) expect(await part.text()).toBe(whole.slice(Number(first), Number(last) + 1))
  })

  it.for([
    [{ start_date: '2026-11-01' }, /end_date/],
    [{ ...RANGE, start_date: '' }, /start_date/],
    [{ ...RANGE, start_date: '2026-13-01' }, /start_date must be an ISO 8601/],
    [{ ...RANGE, start_date: '2026-11-30', end_date: '2026-11-01' }, /end_date must be after/],
    [{ ...RANGE, start_date: '2027-01-01', end_date: '2027-02-01' }, /start_date must be in the past/],
    [{ ...RANGE, format: 'parquet' }, /Parquet is not written: use csv, json or ndjson/],
    [{ ...RANGE, format: 'xlsx' }, /format/],
    [{ ...RANGE, focus_version: '1.4' }, /focus_version must be left out/],
    [{ ...RANGE, dataset: 'focus', focus_version: '1.3' }, /focus_version/],
    [{ ...RANGE, entitytype: 'customer' }, /entitytype/],
    [{ ...RANGE, tags: { a: 1 } }, /tags/],
    [{ ...RANGE, tags: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`t${n}`, 'x'])) }, /20 tags/],
    [{ ...RANGE, model: 'x'.repeat(257) }, /model/],
    [{ ...RANGE, success: 'yes' }, /success/],
    ['{', /Invalid JSON/],
  ] as const)('is refused with what to change: %j', async ([body, words], { expect }) => {
    const { call } = await setUp()
    const answer = await call('POST', '/v1/exports', body)
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringMatching(words) } })
    expect((await call('GET', '/v1/exports')).body.pagination.total).toBe(0)
  })

  it('waits for others of its tenant, of which there may be five', async ({ expect }) => {
    const { call } = await setUp()
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('POST', '/v1/exports', RANGE)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 201, 201, 409, 409, 409])
    const [first] = (await call('GET', '/v1/exports')).body.data
    await call('DELETE', `/v1/exports/${first.id}`)
    expect((await call('POST', '/v1/exports', RANGE)).status).toBe(201)
  })

  it('is told at once to webhooks that want to know of it, once, without its link', async ({ expect }) => {
    const { tenantId, call, make, woken } = await setUp()
    const hook = await call('POST', '/v1/webhooks', { url: 'https://example.com/hook', events: ['export.completed'] })
    const done = await make()
    const text = 'SELECT event_type, payload FROM webhook_delivery WHERE tenant_id = ?1'
    const rows = (await env.DB.prepare(text).bind(tenantId).all<{ event_type: string; payload: string }>()).results
    expect(rows).toHaveLength(1)
    expect(woken).toEqual([{ tenantId, webhookId: hook.body.id }])
    expect(JSON.parse(rows[0]?.payload ?? '')).toMatchObject({
      ...{ event_type: 'export.completed', data: { id: done.id, status: 'completed', rows: 0 } },
    })
    expect(rows[0]?.payload).not.toContain('token')
  })

  it('keeps the case of names and values of tags', async ({ expect }) => {
    const { book, make, download } = await setUp()
    await book({ tags: { Team: 'A' } }, { tags: { team: 'A' } })
    const done = await make({ format: 'json', tags: { Team: 'A' } })
    const events = await (await download(done.download_url)).json<{ tags: object }[]>()
    expect(events.map(({ tags }) => tags)).toEqual([{ Team: 'A' }])
  })

  it('is for those who may export, and for no one else', async ({ expect }) => {
    const { control, call } = await setUp()
    const auditor = await apiKeyOf({ call }, { role: 'auditor' })
    const developer = await apiKeyOf({ call }, { role: 'developer' })
    const status = async (key: string, method: string) =>
      (await send(control, key, [method, '/v1/exports', method === 'POST' ? RANGE : undefined])).status
    expect([await status(auditor, 'GET'), await status(auditor, 'POST')]).toEqual([200, 403])
    expect([await status(developer, 'GET'), await status(developer, 'POST')]).toEqual([403, 403])
  })

  // The Worker of these tests has one database: with two it is tested in e2e.
  it.skipIf(shardHere() > 0)('is written by the Worker itself, woken by its queue', async ({ expect }) => {
    const request = (path: string, init: RequestInit) => exports.default.fetch(`http://weir.test${path}`, init)
    const { call, tenantId } = await newTenant({ app: { request } } as unknown as Control, 'test-setup-token')
    await insertEvents(fakeControl().ports.events, { tenantId, events: [makeEvent(AT, { tenant_id: tenantId })] })
    const { body } = await call('POST', '/v1/exports', { ...RANGE, format: 'ndjson' })
    const done = await vi.waitUntil(
      async () => {
        const shown = (await call('GET', `/v1/exports/${body.id}`)).body
        return shown.status === 'completed' && shown
      },
      { timeout: 10_000 },
    )
    const file = await exports.default.fetch(done.download_url)
    expect(JSON.parse(await file.text())).toMatchObject({ timestamp: new Date(AT).toISOString() })
  })
})
