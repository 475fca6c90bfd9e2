import { describe, it } from 'vitest'
import { insertAlerts } from '../../workers/db/insert-alerts.ts'
import { alertOf } from '../support/alert-of.ts'
import { fakeControl, newTenant } from './fake-ports.ts'

const DAY = 86_400_000
const START = alertOf().startMs

async function setUp() {
  const control = fakeControl()
  const tenant = await newTenant(control)
  const keep = (...alerts: ReturnType<typeof alertOf>[]) => insertAlerts(control.ports.events, tenant.tenantId, alerts)
  const list = async (query: Record<string, string> = {}) =>
    (await tenant.call('GET', `/v1/alerts/reached?${new URLSearchParams(query)}`)).body
  return { ...control, ...tenant, keep, list }
}

const thresholdsIn = ({ data }: { data: { threshold: number }[] }) => data.map(alert => alert.threshold)

describe('an alert', () => {
  it('is shown in dollars where it is of money, in whole units where not', async ({ expect }) => {
    const { keep, list } = await setUp()
    const hour = { startMs: START, endMs: START + 3_600_000, noticedMs: START + 5 }
    await keep(
      alertOf({ noticedMs: START + 61_001 }),
      alertOf({ limitId: 'r:tokens', unit: 'tokens', max: 10, used: 12, threshold: 120, scope: 'team:t', ...hour }),
    )
    const money = { scope: 'user:u', unit: 'nano_usd', threshold: 80, max_usd: 50, used_usd: 40.01 }
    const tokens = { scope: 'team:t', unit: 'tokens', threshold: 120, max: 10, used: 12 }
    const starts_at = '2026-11-18T00:00:00.000Z'
    expect(await list()).toEqual({
      data: [
        {
          ...{ id: expect.stringMatching(/^alr_[0-9a-f]{32}$/), limit_id: 'limit-a', ...money },
          window: { starts_at, resets_at: '2026-11-19T00:00:00.000Z' },
          noticed_at: '2026-11-18T00:01:01.001Z',
        },
        {
          ...{ id: expect.stringMatching(/^alr_[0-9a-f]{32}$/), limit_id: 'r:tokens', ...tokens },
          window: { starts_at, resets_at: '2026-11-18T01:00:00.000Z' },
          noticed_at: '2026-11-18T00:00:00.005Z',
        },
      ],
      pagination: { total: 2, limit: 100, offset: 0, has_more: false },
    })
  })

  it('has an id that is its own and stays, in each tenant another', async ({ expect }) => {
    const [mine, theirs] = [await setUp(), await setUp()]
    const all = [alertOf(), alertOf({ threshold: 81 }), alertOf({ startMs: START + 1 }), alertOf({ limitId: 'b' })]
    const ids = async (of: typeof mine) => (await of.list()).data.map((alert: { id: string }) => alert.id)
    await mine.keep(...all)
    const before = await ids(mine)
    await mine.keep(...all)
    await theirs.keep(...all)
    expect(await ids(mine)).toEqual(before)
    expect(new Set([...before, ...(await ids(theirs))]).size).toBe(8)
  })
})

describe('the list of alerts', () => {
  it('is paged, the newest first, the highest threshold first of those noticed together', async ({ expect }) => {
    const { keep, list } = await setUp()
    await keep(...[10, 30, 20].map(threshold => alertOf({ threshold })))
    await keep(alertOf({ threshold: 5, noticedMs: START + 2 * DAY }), alertOf({ threshold: 90, noticedMs: START }))
    expect(thresholdsIn(await list())).toEqual([5, 30, 20, 10, 90])
    const page = await list({ limit: '2', offset: '1' })
    expect(thresholdsIn(page)).toEqual([30, 20])
    expect(page.pagination).toEqual({ total: 5, limit: 2, offset: 1, has_more: true })
    expect((await list({ limit: '2', offset: '3' })).pagination.has_more).toBe(false)
  })

  it('is of one limit, of one scope, of a time, and of all three', async ({ expect }) => {
    const { keep, list } = await setUp()
    await keep(
      alertOf({ threshold: 1 }),
      alertOf({ threshold: 2, limitId: 'other' }),
      alertOf({ threshold: 3, scope: 'team:t' }),
      alertOf({ threshold: 4, noticedMs: START + DAY }),
    )
    const found = async (query: Record<string, string>) => thresholdsIn(await list(query)).sort()
    expect(await found({ limit_id: 'other' })).toEqual([2])
    expect(await found({ scope: 'team:t' })).toEqual([3])
    expect(await found({ start_date: '2026-11-18', end_date: '2026-11-18' })).toEqual([1, 2, 3])
    expect(await found({ start_date: '2026-11-19' })).toEqual([4])
    expect(await found({ limit_id: 'limit-a', scope: 'user:u', end_date: '2026-11-19T00:00:00Z' })).toEqual([1])
    expect(await found({ limit_id: '', scope: '' })).toEqual([1, 2, 3, 4])
  })

  it.for([
    [{ limit: '0' }, 'limit'],
    [{ limit: '1001' }, 'limit'],
    [{ offset: '-1' }, 'offset'],
    [{ start_date: 'yesterday' }, 'start_date'],
    [{ start_date: '2026-11-19', end_date: '2026-11-18' }, 'end_date'],
  ] as [Record<string, string>, string][])('refuses %j', async ([query, param], { expect }) => {
    const { call } = await setUp()
    const answer = await call('GET', `/v1/alerts/reached?${new URLSearchParams(query)}`)
    expect(answer).toMatchObject({ status: 400, body: { code: 'request_invalid', param } })
  })
})
