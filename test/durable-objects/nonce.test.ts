import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'

const T = Date.UTC(2026, 10, 20, 12)

const object = () => env.NONCE.getByName(`agent:${crypto.randomUUID()}/x`)

describe('a NonceObject', () => {
  it('takes each nonce once, from those who bring it at once, and after it was evicted', async ({ expect }) => {
    const nonces = object()
    const claim = (nonce: string, nowMs = T) => nonces.claim({ nonce, nowMs, untilMs: T + 300_000 })
    const answers = await Promise.all(Array.from({ length: 16 }, () => claim('a')))
    expect(answers.filter(Boolean).length).toBe(1)
    await evictDurableObject(nonces)
    expect([await claim('a', T + 300_000), await claim('b')]).toEqual([false, true])
  })

  it('takes one again when it has run out, and not an instant before', async ({ expect }) => {
    const nonces = object()
    await nonces.claim({ nonce: 'a', nowMs: T, untilMs: T + 10 })
    expect(await nonces.claim({ nonce: 'a', nowMs: T + 10, untilMs: T + 900 })).toBe(false)
    expect(await nonces.claim({ nonce: 'a', nowMs: T + 11, untilMs: T + 900 })).toBe(true)
    expect(await nonces.claim({ nonce: 'a', nowMs: T + 900, untilMs: T + 900 })).toBe(false)
  })

  it('forgets what has run out, keeps the rest, and has nothing left after the last', async ({ expect }) => {
    const nonces = object()
    const later = Date.now() + 3_600_000
    await nonces.claim({ nonce: 'late', nowMs: T, untilMs: later })
    await nonces.claim({ nonce: 'early', nowMs: T, untilMs: T + 10 })
    const count = () =>
      runInDurableObject(nonces, (_, state) => {
        const tables = state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'nonce'").toArray()
        return tables.length === 0 ? 'gone' : state.storage.sql.exec('SELECT nonce FROM nonce').toArray()
      })
    await runDurableObjectAlarm(nonces)
    expect(await count()).toEqual([{ nonce: 'late' }])
    expect(await runInDurableObject(nonces, (_, state) => state.storage.getAlarm())).toBe(later)
    await runInDurableObject(nonces, (_, state) => state.storage.sql.exec('UPDATE nonce SET until_ms = 1'))
    await runDurableObjectAlarm(nonces)
    expect(await count()).toBe('gone')
    expect(await nonces.claim({ nonce: 'late', nowMs: T, untilMs: T + 10 })).toBe(true)
  })
})
