import { type ColumnPlace, padded, type SegmentLayout, type Width } from './layout.ts'
import type { Column, NumberColumn, SegmentColumns, TextColumn } from './segment-columns.ts'

type Packed = { place: ColumnPlace; parts: { at: number; bytes: Uint8Array }[] }

const UTF8 = new TextEncoder()

function bytesOf(array: Exclude<NumberColumn['stored'], undefined>): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

function packText({ name, list, codes }: TextColumn, at: number): Packed {
  const text = UTF8.encode(JSON.stringify(list))
  const from = at + padded(text.length)
  const parts = [{ at, bytes: text }, ...(codes ? [{ at: from, bytes: bytesOf(codes) }] : [])]
  const width = (codes?.BYTES_PER_ELEMENT ?? 0) as Width
  const bytes = from - at + padded(codes?.byteLength ?? 0)
  return { place: { kind: 'text', name, at, bytes, width, listBytes: text.length }, parts }
}

function packNumber({ name, base, stored }: NumberColumn, at: number): Packed {
  const width = (stored?.BYTES_PER_ELEMENT ?? 0) as Width
  const place = { kind: 'number' as const, name, at, bytes: padded(stored?.byteLength ?? 0), width, base }
  return { place, parts: stored ? [{ at, bytes: bytesOf(stored) }] : [] }
}

const pack = (column: Column, at: number) => (column.kind === 'text' ? packText(column, at) : packNumber(column, at))

/** A segment as it is stored: one column after the other, in their order, and where each is. Numbers are little-endian. */
export function packSegment({ rows, columns }: SegmentColumns): { bytes: Uint8Array; layout: SegmentLayout } {
  const packed: Packed[] = []
  let size = 0
  for (const column of columns) {
    const one = pack(column, size)
    packed.push(one)
    size += one.place.bytes
  }
  const bytes = new Uint8Array(size)
  for (const part of packed.flatMap(one => one.parts)) bytes.set(part.bytes, part.at)
  return { bytes, layout: { rows, bytes: size, columns: packed.map(one => one.place) } }
}
