import { describe, it } from 'vitest'
import { BUGS } from '../sim/bugs.ts'
import { search } from '../sim/run.ts'

const from = { seed: 1, steps: 200, bugs: [] }

describe('the simulation', () => {
  it('finds no history in which a promise is broken, whatever is lost, late, repeated or crashes', {
    timeout: 60_000,
  }, ({ expect }) => {
    expect(search({ ...from, seed: 424_242 }, 60).broken).toBeUndefined()
  })

  it.for(BUGS)(
    'finds a bug that was put in on purpose: %s',
    (bug, { expect }) => {
      expect(search({ ...from, bugs: [bug] }, 200).broken).toBeDefined()
    },
    60_000,
  )
})
