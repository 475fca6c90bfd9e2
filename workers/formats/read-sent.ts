import { plainNumber } from '../contracts/lossless-json.ts'
import { asRecord } from './as-record.ts'

/** A text that a vendor sent; empty where it is anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** The objects of a list that a vendor sent; none where it is anything else. */
export function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(asRecord) : []
}

/** A count of tokens; `undefined` where it is absent, negative, broken or no number. */
export function countOf(value: unknown): number | undefined {
  const count = plainNumber(value)
  return Number.isSafeInteger(count) && Number(count) >= 0 ? count : undefined
}

/** The JSON object in an event's data; `undefined` where it is none. Never throws. */
export function objectIn(data: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? asRecord(value) : undefined
  } catch {
    return undefined
  }
}
