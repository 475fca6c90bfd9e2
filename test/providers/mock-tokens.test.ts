import fc from 'fast-check'
import { describe, it } from 'vitest'
import { countTokens, splitTokens } from '../../workers/providers/mock/tokens.ts'

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.lorem({ mode: 'sentences' }))

describe('mock tokens', () => {
  it('are words and marks, long words in pieces of eight', ({ expect }) => {
    expect(splitTokens('Hello, incomprehensible  world!\n')).toEqual([
      'Hello',
      ',',
      ' incompre',
      'hensible',
      '  world',
      '!\n',
    ])
    expect(splitTokens(' \n')).toEqual([])
    expect(splitTokens('日本語 \u{1F600}')).toEqual(['日本語', ' \u{1F600}'])
  })

  it('are never more than the bytes of the text, and joined are the text', ({ expect }) => {
    fc.assert(
      fc.property(text, whole => {
        const pieces = splitTokens(whole)
        expect(pieces).toHaveLength(countTokens(whole))
        expect(pieces.length).toBeLessThanOrEqual(new TextEncoder().encode(whole).length)
        expect(pieces.join('')).toBe(whole.trim() === '' ? '' : whole)
      }),
      { numRuns: 300 },
    )
  })

  it('are found in time that grows with the text', ({ expect }) => {
    expect(splitTokens(`a${' '.repeat(1_000_000)}`)).toHaveLength(1)
    expect(countTokens('a'.repeat(1_000_000))).toBe(125_000)
  })
})
