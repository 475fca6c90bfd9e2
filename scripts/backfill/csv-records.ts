const isWhole = (text: string) => text.split('"').length % 2 === 1

/** Lines that belong together: a line end within quotes ends no record. */
async function* wholeLines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let open = ''
  for await (const line of lines) {
    open += line
    if (isWhole(open)) {
      yield open
      open = ''
    } else open += '\n'
  }
  if (open !== '') throw new Error('the file ends within quotes')
}

const CELL = /,(?:"((?:[^"]|"")*)"|([^,]*))/g

/** The cells of a record. Source of the format: RFC 4180. */
export function csvCells(record: string): string[] {
  return [...`,${record}`.matchAll(CELL)].map(([, quoted, bare = '']) => quoted?.replaceAll('""', '"') ?? bare)
}

// An export puts it before what a spreadsheet would run.
const GUARDED = /^'[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

const plain = (cell: string) => (GUARDED.test(cell) ? cell.slice(1) : cell)

/** The lines after the first one under its names. An empty cell is no value. */
export async function* csvRecords(lines: AsyncIterable<string>): AsyncGenerator<Record<string, string>> {
  let names: string[] | undefined
  for await (const line of wholeLines(lines)) {
    const cells = csvCells(line)
    if (!names) names = cells.map((name, index) => (index === 0 ? name.replace(/^\ufeff/, '') : name))
    else yield Object.fromEntries(names.flatMap((name, index) => (cells[index] ? [[name, plain(cells[index])]] : [])))
  }
}
