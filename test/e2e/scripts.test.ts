import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, it } from 'vitest'
import { withLock } from '../../scripts/lock.mjs'
import { isDue } from '../../scripts/serve/cron.mjs'
import { readTally } from '../../scripts/tally.mjs'

const scratch = mkdtempSync(join(tmpdir(), 'weir-scripts-'))
afterAll(() => rmSync(scratch, { recursive: true }))

describe('the cron clock', () => {
  it.for<[string, string, boolean]>([
    ['* * * * *', '2026-11-21T02:17:00Z', true],
    ['0 * * * *', '2026-11-21T02:17:00Z', false],
    ['*/15 * * * *', '2026-11-21T02:30:00Z', true],
    ['5/15 * * * *', '2026-11-21T02:20:00Z', true],
    ['0 8-10 * * *', '2026-11-21T09:00:00Z', true],
    ['0 8 * * MON', '2026-11-23T08:00:00Z', true],
    ['0 8 * * MON', '2026-11-21T08:00:00Z', false],
    ['0 0 * * 7', '2026-11-22T00:00:00Z', true],
    ['0 0 1 * MON', '2026-11-23T00:00:00Z', true],
    ['0 0 1,15 JAN *', '2026-01-15T00:00:00Z', true],
  ])('%s at %s is due: %s', ([expression, at, due], { expect }) => {
    expect(isDue(expression, new Date(at))).toBe(due)
  })
})

describe('a lock', () => {
  it('lets one in at a time', async ({ expect }) => {
    const dir = join(scratch, 'one')
    let inside = 0
    const most: number[] = []
    const work = async () => {
      most.push(++inside)
      await sleep(30)
      inside--
    }
    // Another process's lock: this process's own is taken for one of an earlier life with the same number.
    await withLock(dir, async () => {
      writeFileSync(join(dir, 'pid'), String(process.ppid))
      const waiting = withLock(dir, work)
      await sleep(100)
      expect(most).toEqual([])
      rmSync(dir, { recursive: true })
      await waiting
    })
    expect(most).toEqual([1])
  })

  it('of a process that has died is taken over', async ({ expect }) => {
    const dir = join(scratch, 'dead')
    await withLock(dir, async () => {
      writeFileSync(join(dir, 'pid'), '999999999')
      await expect(withLock(dir, async () => 'in')).resolves.toBe('in')
    })
  })
})

describe('a tally', () => {
  it('is the last line of its shape', ({ expect }) => {
    expect(readTally('1 passed, 2 failed\nnoise\n30 passed, 0 failed\n')).toEqual({ passed: 30, failed: 0 })
    expect(readTally('all 3 passed, 0 failed today')).toBeUndefined()
  })
})
