import { type ColumnPlace, type NumberPlace, padded, type TextPlace, type Width } from './layout.ts'
import type { Column, NumberColumn, Stored, TextColumn } from './segment-columns.ts'

/** Some bytes of a segment, from `at` on: a multiple of eight. */
export type Piece = { at: number; bytes: ArrayBuffer }

const UTF8 = new TextDecoder()

// A view and no copy: places are multiples of eight in the segment, and pieces begin at one.
function valuesAt(bytes: ArrayBuffer, at: number, [width, rows]: [Width, number]): Stored {
  if (width === 0) return undefined
  if (width === 1) return new Uint8Array(bytes, at, rows)
  if (width === 2) return new Uint16Array(bytes, at, rows)
  return width === 4 ? new Uint32Array(bytes, at, rows) : new Float64Array(bytes, at, rows)
}

function readText({ name, at, width, listBytes }: TextPlace, piece: Piece, rows: number): TextColumn {
  const from = at - piece.at
  const list: string[] = JSON.parse(UTF8.decode(new Uint8Array(piece.bytes, from, listBytes)))
  // Texts have at most two bytes, as `MAX_ROWS` says.
  const codes = valuesAt(piece.bytes, from + padded(listBytes), [width, rows]) as TextColumn['codes']
  return { kind: 'text', name, list, codes }
}

function readNumber({ name, at, width, base }: NumberPlace, piece: Piece, rows: number): NumberColumn {
  return { kind: 'number', name, base, stored: valuesAt(piece.bytes, at - piece.at, [width, rows]) }
}

/** A column out of the bytes that it is in. Throws where they are not a segment's. */
export function readColumn(place: ColumnPlace, piece: Piece, rows: number): Column {
  return place.kind === 'text' ? readText(place, piece, rows) : readNumber(place, piece, rows)
}
