import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, it } from 'vitest'
import { type Cell, csvCell, csvLine } from '../../workers/core/export/csv.ts'

const BEGINNINGS = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']
const NUMBER = /^-?\d+(\.\d+)?$/

/** A strict reader that is not ours; `docs/exports.md` says how a text is read back. */
function read(csv: string): string[][] {
  const { data, errors } = Papa.parse<string[]>(csv, { delimiter: ',', newline: '\r\n', skipEmptyLines: false })
  if (errors.length > 0) throw new Error(JSON.stringify(errors))
  return data.slice(0, -1)
}
const readBack = (text: string) => (/^'+[=+\-@\t\r\n＝＋－＠]/.test(text) ? text.slice(1) : text)

const piece = fc.constantFrom(...BEGINNINGS, "'", '"', ',', ';', 'a', '1', '.', 'ü', '|', ' ', 'cmd', '\u{1F600}')
const text = fc.oneof(fc.string({ unit: piece, maxLength: 8 }), fc.string({ unit: 'grapheme', maxLength: 12 }))

describe('a line of CSV', () => {
  it.for(BEGINNINGS)('runs nothing of a text that begins with %j, and gives it back', (first, { expect }) => {
    for (const rest of ["cmd|' /C calc'!A0", '', '1+1', '"x",y', `${first}${first}`]) {
      const given = first + rest
      const [[cell = ''] = []] = read(csvLine([given, 'after']))
      expect([cell[0], readBack(cell)]).toEqual(["'", given])
    }
  })

  it('gives every text back, and none that a spreadsheet would run', ({ expect }) => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), texts => {
        // A single empty cell is an empty line.
        const [cells = []] = read(csvLine(['x', ...texts]))
        expect(cells.map(readBack)).toEqual(['x', ...texts])
        const running = cells.filter(cell => BEGINNINGS.includes(cell[0] ?? '') && !NUMBER.test(cell))
        expect(running).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it.for([
    [-1.5, '-1.5'],
    ['-0.000000001', '-0.000000001'],
    [1e-9, '0.000000001'],
    [0, '0'],
    [true, 'true'],
    [null, ''],
    ['+1', "'+1"],
    ['-1+1', "'-1+1"],
    ["'=1", "''=1"],
    ["it's", "it's"],
  ] as [Cell, string][])('has %j as %j', ([cell, shown], { expect }) => {
    expect(csvCell(cell)).toBe(shown)
  })
})
