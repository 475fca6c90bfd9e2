import { type Cell, csvLine } from './csv.ts'
import type { ExportFormat } from './export-kind.ts'

/** One row of a file: its cells in the order of the columns, and the same as JSON. */
export type ExportRow = { cells: readonly Cell[]; json: string }

/** What stands before, around and after the rows of a file. `row`: the row with this number, the first being 0. */
export type RowLayout = { head: string; row(row: ExportRow, index: number): string; foot: string }

const json: RowLayout = {
  head: '[',
  row: (row, index) => `${index === 0 ? '\n' : ',\n'}${row.json}`,
  foot: '\n]\n',
}

const ndjson: RowLayout = { head: '', row: row => `${row.json}\n`, foot: '' }

/** How rows with these columns make a file of a format. A file without rows is a good one too. */
export function rowLayout(format: ExportFormat, columns: readonly string[]): RowLayout {
  if (format === 'csv') return { head: csvLine(columns), row: row => csvLine(row.cells), foot: '' }
  return format === 'json' ? json : ndjson
}
