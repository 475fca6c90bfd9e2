import type { Cell } from '../export/csv.ts'
import type { FocusVersion } from '../export/export-kind.ts'
import type { ExportRow } from '../export/row-layout.ts'
import { focusColumns, NUMBER_COLUMNS, OBJECT_COLUMNS } from './columns.ts'
import { type BilledAccount, type FocusValues, focusValues, type GroupSum } from './focus-row.ts'

// Not through a JavaScript number: a decimal of an exact cost may have more digits than one holds.
function jsonOf(column: string, value: string | null): string {
  const isPlain = value !== null && (NUMBER_COLUMNS.has(column) || OBJECT_COLUMNS.has(column))
  return `${JSON.stringify(column)}:${isPlain ? value : JSON.stringify(value)}`
}

function rowOf(columns: readonly string[], values: FocusValues): ExportRow {
  const cells: Cell[] = columns.map(column => values[column] ?? null)
  return { cells, json: `{${columns.map(column => jsonOf(column, values[column] ?? null)).join(',')}}` }
}

/** Makes rows of one version of FOCUS for one account. */
export function focusRenderer(version: FocusVersion, account: BilledAccount): (sum: GroupSum) => ExportRow {
  const columns = focusColumns(version)
  return sum => rowOf(columns, focusValues(sum, account))
}
