import { describe, it, vi } from 'vitest'
import { BUGS } from '../sim/bugs.ts'
import { search } from '../sim/run.ts'

// A bug is found within some hundreds of histories, each of some milliseconds; how many depends on the seed alone.
vi.setConfig({ testTimeout: 60_000 })

const from = { seed: 1, steps: 200, bugs: [] }

describe('the simulation', () => {
  it('finds no broken promise, whatever is lost, late, repeated or crashes', ({ expect }) => {
    expect(search({ ...from, seed: 424_242 }, 60).broken).toBeUndefined()
  })

  for (const bug of BUGS) {
    it(`finds a bug that was put in on purpose: ${bug}`, ({ expect }) => {
      expect(search({ ...from, bugs: [bug] }, 1000).broken).toBeDefined()
    })
  }
})
