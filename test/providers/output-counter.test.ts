import fc from 'fast-check'
import { describe, it } from 'vitest'
import { readGenerated } from '../../workers/providers/openai/read-generated.ts'
import { OutputCounter } from '../../workers/providers/output-counter.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '"choices"', '\\"choices\\"', '\u0000\u2028', '👩‍👩‍👧‍👦', 'ééééé'),
)
const choice = fc.record({ index: fc.nat(3), delta: fc.record({ content: text }), finish_reason: fc.constant(null) })
const members = { id: text, model: text, choices: fc.array(choice, { maxLength: 3 }), obfuscation: text }

/** An event with its members in any order, its text beyond ASCII escaped or not. */
const event = fc
  .tuple(fc.record(members), fc.shuffledSubarray(Object.keys(members), { minLength: 4 }), fc.boolean())
  .map(([all, order, isEscaped]) => {
    const json = JSON.stringify(Object.fromEntries(order.map(name => [name, all[name as keyof typeof all]])))
    if (!isEscaped) return json
    return json.replace(/[^\x20-\x7e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  })

describe('our own count of an output', () => {
  it('is found to be above a bound exactly when it is, though most of it was never read', ({ expect }) => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.nat(60), (events, bound) => {
        const read = new OutputCounter(readGenerated, '"choices"')
        const watched = new OutputCounter(readGenerated, '"choices"')
        for (const data of events) {
          read.add(data)
          watched.add(data)
          expect(watched.isOver(bound)).toBe(read.count() > bound)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('does not read a stream that stays far below its bound', ({ expect }) => {
    const seen: string[] = []
    const counter = new OutputCounter(data => {
      seen.push(data)
      return readGenerated(data)
    }, '"choices"')
    const head = `{"id":"chatcmpl-${'x'.repeat(100)}","object":"chat.completion.chunk","model":"m"`
    for (let n = 0; n < 100; n++) {
      counter.add(`${head},"choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}]}`)
      expect(counter.isOver(3000)).toBe(false)
    }
    expect(seen).toEqual([])
    expect(counter.count()).toBe(125)
  })
})
