import fc from 'fast-check'
import { describe, it } from 'vitest'
import { parseLossless, plainNumber } from '../../workers/contracts/lossless-json.ts'

const roundTrip = (text: string) => JSON.stringify(parseLossless(text))

const SPELLINGS = [
  '12345678901234567890',
  '-9007199254740993',
  '0.1234567890123456789',
  '1.0',
  '-0',
  '-0.0',
  '0.50',
  '1e400',
  '-1E+400',
  '1e-400',
  '1e3',
  '0.0000001',
  '100000000000000000000000',
]

// Exponents are spelled as JavaScript prints them, so that the text has to come back to the letter.
const number = fc.stringMatching(/^-?(?:0|[1-9]\d{0,24})(?:\.\d{1,20})?(?:e[+-][1-9]\d{0,3})?$/)
const { doc } = fc.letrec<{ doc: string }>(tie => ({
  doc: fc.oneof(
    { maxDepth: 4 },
    number,
    fc.constantFrom('true', 'false', 'null'),
    fc.string().map(text => JSON.stringify(text)),
    fc.array(tie('doc'), { maxLength: 4 }).map(items => `[${items.join(',')}]`),
    // Not all digits: JavaScript puts such keys first.
    fc
      .dictionary(
        fc.string().map(key => `k${key}`),
        tie('doc'),
        { maxKeys: 4 },
      )
      .map(members => `{${Object.entries(members).map(([key, value]) => `${JSON.stringify(key)}:${value}`)}}`),
  ),
}))

describe('lossless JSON', () => {
  it.for(SPELLINGS)('returns %s as it was sent', (spelling, { expect }) => {
    for (const text of [spelling, `[${spelling}]`, `{"a":${spelling},"b":1}`]) expect(roundTrip(text)).toBe(text)
  })

  it('returns any document to the letter', ({ expect }) => {
    fc.assert(
      fc.property(doc, text => {
        expect(roundTrip(text)).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  it('gives the number that JSON.parse gives, however it is spelled', ({ expect }) => {
    const spelled = fc.stringMatching(/^-?(?:0|[1-9]\d{0,24})(?:\.\d{1,20})?(?:[eE][+-]?\d{1,4})?$/)
    fc.assert(
      fc.property(spelled, text => {
        expect(plainNumber(parseLossless(text))).toBe(JSON.parse(text))
      }),
    )
  })

  it('leaves what a double carries a plain number', ({ expect }) => {
    const text = '{"max_tokens":1e308,"n":8,"temperature":0.7,"top_p":1.5e+300,"id":123456789012345,"seed":1e400}'
    const { seed, ...plain } = parseLossless(text) as Record<string, unknown>
    expect(plain).toEqual({ max_tokens: 1e308, n: 8, temperature: 0.7, top_p: 1.5e300, id: 123456789012345 })
    expect(plainNumber(seed)).toBe(Number.POSITIVE_INFINITY)
  })

  it('reads nothing but numbers as numbers', ({ expect }) => {
    for (const value of ['1', null, undefined, {}, { rawJSON: '1' }, [1], true]) {
      expect(plainNumber(value)).toBeUndefined()
    }
  })

  it('keeps the last of equal keys, digits and all', ({ expect }) => {
    expect(roundTrip('{"a":1.0,"a":[2.0],"a":3.00,"b":{"a":4.0},"b":5}')).toBe('{"a":3.00,"b":5}')
  })

  it('passes __proto__ on as a member and no prototype', ({ expect }) => {
    const text = '{"__proto__":{"isAdmin":1.0},"constructor":{"prototype":{"isAdmin":true}}}'
    const parsed = parseLossless(text) as Record<string, unknown>
    expect(parsed.isAdmin).toBeUndefined()
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype)
    expect(JSON.stringify({ ...parsed, model: 'm' })).toBe(`${text.slice(0, -1)},"model":"m"}`)
  })

  it.for(['', '{', '[1.0,]', '01', '1.', '.5', '+1', 'NaN', '{"a":1.0}x'])('refuses %s', (text, { expect }) => {
    expect(() => parseLossless(text)).toThrow(SyntaxError)
  })
})
