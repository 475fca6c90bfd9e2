// The same rows for the terminal and for the page.

const usd = nano => (nano === undefined ? '-' : (nano / 1e9).toFixed(9))
const percent = share => (share === undefined ? '-' : `${(share * 100).toFixed(share === 0 ? 0 : 2)} %`)
const left = ({ left: share }) => percent(share)

const NAME_WIDTH = 66

export const COLUMNS = [
  ['scenario', row => `${row.number} ${row.title}: ${row.name}`],
  ['limit $', ({ figures }) => usd(figures.limitNano)],
  ['sent', ({ figures }) => figures.requests],
  ['200', ({ figures }) => figures.admitted],
  ['refused', ({ figures }) => figures.refused],
  ['failed', ({ figures }) => figures.failed],
  ['true $', ({ figures }) => usd(figures.trueNano)],
  ['booked $', ({ figures }) => usd(figures.bookedNano)],
  ['overspend', ({ figures }) => percent(figures.overspend)],
  ['lost', ({ figures }) => percent(figures.lost)],
  ['phantom', ({ figures }) => percent(figures.phantom)],
  ['guessed', ({ figures }) => (figures.guessedNano ? percent(figures.guessed) : '-')],
  ['false refusals', ({ figures }) => figures.falseRefusals ?? '-'],
  ['avoidable', ({ figures, isUntold }) => (isUntold ? '-' : (figures.avoidable ?? '-'))],
  ['unspent', ({ figures }) => left(figures)],
]

/** The table's rows, as texts. A case that was not run has its reason. */
export function rowsOf(results) {
  return results.map(row =>
    row.skipped
      ? [COLUMNS[0][1](row), row.skipped]
      : COLUMNS.map(([, show]) => String(show(row))).concat(row.broken.length > 0 ? `BROKEN: ${row.broken}` : []),
  )
}

/** One line of the terminal's table; columns keep their width from line to line. */
export function lineOf(result) {
  const [name, ...cells] = rowsOf([result])[0]
  return name.padEnd(NAME_WIDTH) + cells.map((cell, index) => cell.padStart(widthOf(index + 1))).join('  ')
}

function widthOf(index) {
  return Math.max(COLUMNS[index]?.[0].length ?? 0, /\$/.test(COLUMNS[index]?.[0] ?? '') ? 11 : 8)
}

export function headLine() {
  const [name, ...names] = COLUMNS.map(([title]) => title)
  return name.padEnd(NAME_WIDTH) + names.map((title, index) => title.padStart(widthOf(index + 1))).join('  ')
}
