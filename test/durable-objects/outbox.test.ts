import { describe, it, vi } from 'vitest'
import { LOOK_MS, Outbox, RESEND_MS } from '../../durable-objects/meter/outbox.ts'
import type { Statements } from '../../durable-objects/meter/statements.ts'
import type { UsageMessage } from '../../workers/contracts/usage-message.ts'

const METER = { tenantId: 't', keyId: 'k' }
const SETTLED_MS = 1_000_000

/** An outbox over rows that storage still has, as a meter finds them when it is made anew. */
function outboxOf(seqs: number[], send: (message: UsageMessage) => Promise<unknown>) {
  const rows = seqs.map(seq => ({ callId: `c${seq}`, attempt: 1, seq, settledMs: SETTLED_MS }))
  const settled = () => ({ event: {}, mark: {} })
  const stored = { ledger: () => undefined, attempts: { settledAfter: () => rows, settled } }
  return new Outbox(stored as unknown as Statements, METER, send)
}

describe('Outbox', () => {
  it('gives up a send that never ends, and ships the same rows the next time', async ({ expect, onTestFinished }) => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const sent: number[][] = []
    let isHanging = true
    const outbox = outboxOf([1, 2], message => {
      sent.push(message.rows.map(row => row.seq))
      return isHanging ? new Promise(() => undefined) : Promise.resolve()
    })
    const given = outbox.ship(SETTLED_MS).catch((error: Error) => error.message)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await given).toMatch(/not sent within/)
    isHanging = false
    await outbox.ship(SETTLED_MS)
    await outbox.ship(SETTLED_MS)
    expect(sent).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  it('ships again only what was not confirmed within a minute', async ({ expect }) => {
    const sent: number[][] = []
    const outbox = outboxOf([1, 2, 3], async message => sent.push(message.rows.map(row => row.seq)))
    await outbox.ship(SETTLED_MS)
    outbox.confirm([2])
    await outbox.ship(SETTLED_MS + RESEND_MS - 1)
    await outbox.ship(SETTLED_MS + RESEND_MS)
    expect(sent).toEqual([
      [1, 2, 3],
      [1, 3],
    ])
  })

  it('is woken soon for young rows, each minute for old ones, and not at all for none', ({ expect }) => {
    const outbox = outboxOf([1], async () => undefined)
    expect(outbox.wakeMs(SETTLED_MS)).toBe(SETTLED_MS + LOOK_MS)
    expect(outbox.wakeMs(SETTLED_MS + RESEND_MS)).toBe(SETTLED_MS + 2 * RESEND_MS)
    outbox.add({ callId: 'c2', attempt: 1, seq: 2, settledMs: SETTLED_MS + RESEND_MS })
    expect(outbox.wakeMs(SETTLED_MS + RESEND_MS)).toBe(SETTLED_MS + RESEND_MS + LOOK_MS)
    outbox.confirm([1, 2])
    expect(outbox.wakeMs(SETTLED_MS)).toBeUndefined()
  })
})
