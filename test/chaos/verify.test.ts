import { describe, it } from 'vitest'
import { verify } from './verify.mjs'

const sent = [
  { id: 'a', status: 200, isWhole: true },
  { id: 'b', status: 0, isWhole: false },
  { id: 'c', status: 0, isWhole: false },
]
const billed = new Map([
  ['a', { times: 1, nano: 70 }],
  ['b', { times: 1, nano: 50 }],
])
const events = [
  { request_id: 'a', outcome: 'ok', cost_nano: 70, held_nano: 100 },
  { request_id: 'b', outcome: 'assumed', cost_nano: 90, held_nano: 90 },
]
const whole = { sent, billed, events, counterNano: 160 }

function brokenBy(change: Partial<typeof whole>) {
  const results = verify({ ...whole, ...change }) as [string, string[]][]
  return results.filter(([, broken]) => broken.length > 0).map(([promise]) => promise)
}

describe('the verifier of the chaos run', () => {
  it('is content when every promise is kept', ({ expect }) => {
    expect(brokenBy({})).toEqual([])
  })

  const [first, second] = events as [(typeof events)[0], (typeof events)[0]]
  it.for<[string, Partial<typeof whole>]>([
    ['has an event', { events: [first], counterNano: 70 }],
    ['two events', { events: [...events, second], counterNano: 250 }],
    ['nobody sent', { events: [...events, { ...first, request_id: 'z', cost_nano: 0 }] }],
    ['never reached', { events: [...events, { ...first, request_id: 'c', cost_nano: 0 }] }],
    ['true one', { events: [{ ...first, cost_nano: 71 }, second], counterNano: 161 }],
    ['true one', { events: [first, { ...second, cost_nano: 40 }], counterNano: 110 }],
    ['at most once', { billed: new Map([...billed, ['b', { times: 2, nano: 50 }]]) }],
    ['counter', { counterNano: 159 }],
  ])('notices when the promise "%s" is broken', ([words, change], { expect }) => {
    expect(brokenBy(change).some(promise => promise.includes(words))).toBe(true)
  })
})
