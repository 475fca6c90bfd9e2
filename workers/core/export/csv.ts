/** What a cell can hold: a number is written as one, a text may be something that a spreadsheet would run. */
export type Cell = string | number | boolean | null

const NUMBER = /^-?\d+(\.\d+)?$/
// What Excel, LibreOffice and Google Sheets take for the beginning of a formula. Source: OWASP, CSV Injection; the last four are
// the full-width forms of the first four, which some versions read as those. A text that has quotes before one gets one more,
// so that taking one away again gives every text back.
const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

// An exponent is a number to a spreadsheet too, but not to everything that reads CSV.
function numberText(value: number): string {
  const text = String(value)
  return text.includes('e') ? value.toFixed(12).replace(/\.?0+$/, '') : text
}

function plainText(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell !== 'string') return typeof cell === 'number' ? numberText(cell) : String(cell)
  return FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell
}

/** One cell: quoted where RFC 4180 asks for it, and never a formula. A number stays one, also below zero. */
export function csvCell(cell: Cell): string {
  const text = plainText(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** One line, with the line end of RFC 4180. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}
