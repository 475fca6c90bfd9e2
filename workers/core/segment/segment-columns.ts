/** Texts of rows by their places in a list without repetitions, whose first is the empty text. */
export type TextColumn = { kind: 'text'; name: string; list: string[]; codes: Uint8Array | Uint16Array | undefined }

/** The values of a column as they are stored; `undefined`: all are 0. */
export type Stored = Uint8Array | Uint16Array | Uint32Array | Float64Array | undefined

/** Numbers of rows: `base` and what is stored, each a whole number that a double tells apart. */
export type NumberColumn = { kind: 'number'; name: string; base: number; stored: Stored }

/** One value of each row. */
export type Column = TextColumn | NumberColumn

/** Rows by columns; of text columns `codes`, and of number columns `stored`, has one value a row where it is given. */
export type SegmentColumns = { rows: number; columns: Column[] }
