import { describe, it } from 'vitest'
import { isKept, verify } from './verify.mjs'

const sent = [
  { id: 'a', status: 200, isWhole: true },
  { id: 'b', status: 0, isWhole: false },
  { id: 'c', status: 0, isWhole: false },
]
const billed = new Map([
  ['a', { times: 1, nano: 70 }],
  ['b', { times: 1, nano: 50 }],
])
const first = { request_id: 'a', attempt: 1, outcome: 'ok', cost_nano: 70, held_nano: 100 }
const second = { request_id: 'b', attempt: 1, outcome: 'assumed', cost_nano: 90, held_nano: 90 }
const events = [first, second]
const keys = [
  { id: 'k1', maxNano: 200, counterNano: 70, events: [first] },
  { id: 'k2', maxNano: 200, counterNano: 90, events: [second] },
]
const [one, two] = keys as [(typeof keys)[0], (typeof keys)[0]]
const team = { maxNano: 160, counterNano: 160 }
const rest: string[] = []
const whole = { sent, billed, events, keys, team, rest, isTight: false }

/** Books in which the first key has these events, and counts them rightly. */
function withFirst(of: typeof events) {
  const counterNano = of.reduce((sum, event) => sum + event.cost_nano, 0)
  const changed = { ...one, maxNano: 1000, counterNano, events: of }
  return {
    events: [...of, second],
    keys: [changed, two],
    team: { maxNano: 1000, counterNano: counterNano + two.counterNano },
  }
}

function brokenBy(change: Partial<typeof whole>) {
  const results = verify({ ...whole, ...change }) as [string, string[]][]
  return results.filter(([, broken]) => broken.length > 0).map(([promise]) => promise)
}

describe('the verifier of the chaos run', () => {
  it('is content when every promise is kept', ({ expect }) => {
    expect(brokenBy({})).toEqual([])
    expect(isKept(verify(whole))).toBe(true)
    expect(isKept(verify({ ...whole, sent: [] }))).toBe(false)
  })

  const refused = [...sent, { id: 'd', status: 429, isWhole: true }]
  it('lets a limit that is nearly used up refuse, and no other', ({ expect }) => {
    expect(brokenBy({ sent: refused, isTight: true })).toEqual([])
    expect(brokenBy({ sent: refused })).toEqual(['nobody is refused what fits'])
  })

  const again = { ...first, attempt: 2 }
  it.for<[string, Partial<typeof whole>]>([
    ['every request that reached the provider has an event for each attempt', withFirst([])],
    ['no attempt has two events', withFirst([first, first])],
    ['no event is of a request that nobody sent', withFirst([first, { ...first, request_id: 'z', cost_nano: 0 }])],
    [
      'a request that never reached the provider has no event, or one assumed',
      withFirst([first, { ...first, request_id: 'c', cost_nano: 0 }]),
    ],
    ['every cost is the true one, or the hold where the truth is lost', withFirst([{ ...first, cost_nano: 71 }])],
    [
      'what a client got whole is charged at its true cost',
      withFirst([{ ...first, outcome: 'estimated', cost_nano: 72 }]),
    ],
    ["every key's counter is the sum of its events", { keys: [{ ...one, counterNano: 69 }, two] }],
    ["every key's counter is the sum of its events", { keys: [one, { ...two, counterNano: 91 }] }],
    ["every key's counter is the sum of its events", { events: [...events, again] }],
    ["the team's counter is the sum of its keys'", { team: { ...team, counterNano: 159 } }],
    ['no limit is passed', { team: { ...team, maxNano: 159 } }],
    ['no limit is passed', { keys: [one, { ...two, maxNano: 89 }] }],
    ['nothing is lost in a hold or lease', { rest: ['answered 429'] }],
  ])('notices, and names it, when this is broken: %s', ([words, change], { expect }) => {
    expect(brokenBy(change).some(promise => promise.startsWith(words))).toBe(true)
  })

  it('notices an assumed charge that is not the hold, or less than the truth', ({ expect }) => {
    const wrong = (change: Partial<typeof second>) => {
      const event = { ...second, ...change }
      const changed = { ...two, counterNano: event.cost_nano, events: [event] }
      const sum = one.counterNano + event.cost_nano
      return brokenBy({ events: [first, event], keys: [one, changed], team: { maxNano: 160, counterNano: sum } })
    }
    const words = 'every cost is the true one, or the hold where the truth is lost'
    expect(wrong({ cost_nano: 80 })).toEqual([words])
    expect(wrong({ cost_nano: 40, held_nano: 40 })).toEqual([words])
  })

  it('notices a request that reached the provider twice, with or without a second event', ({ expect }) => {
    const twice = new Map([...billed, ['a', { times: 2, nano: 140 }]])
    const words = 'every request reached the provider at most once'
    expect(brokenBy({ billed: twice })).toContain(words)
    expect(brokenBy({ billed: twice, ...withFirst([first, again]) })).toContain(words)
    expect(brokenBy({ billed: twice })).toContain(
      'every request that reached the provider has an event for each attempt',
    )
  })
})
