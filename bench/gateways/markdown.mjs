// Figures and tables as the page and the terminal show them.

const digits = value => (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2)

/** A number of as many digits as it deserves. */
export function numberOf(value) {
  return Number.isFinite(value) ? value.toFixed(digits(value)) : '-'
}

/** A figure with the distance within which it should be found again. */
export function shown(figure) {
  if (!figure) return '-'
  const exact = digits(figure.median)
  if (!Number.isFinite(figure.within)) return figure.median.toFixed(exact)
  return `${figure.median.toFixed(exact)} ± ${figure.within.toFixed(exact)}`
}

/** A share of money in percent. */
export function percent(share) {
  return share === undefined ? '-' : `${(share * 100).toFixed(share === 0 ? 0 : 2)} %`
}

/** A table, aligned as the repository's formatter wants it. */
export function tableOf(titles, rows) {
  const widths = titles.map((_, index) => Math.max(3, ...[titles, ...rows].map(cells => String(cells[index]).length)))
  const pad = (cell, index) =>
    index === 0 ? String(cell).padEnd(widths[0]) : String(cell).padStart(widths[index] ?? 0)
  const marks = widths.map((width, index) => (index === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [titles.map(pad), marks, ...rows.map(cells => cells.map(pad))].map(cells => `| ${cells.join(' | ')} |`)
}
