import type { UsageEvent } from '../usage.ts'
import { HOUR_MS, hourOf } from '../window/hour.ts'
import { counterKey } from './counter-key.ts'
import type { Need, Unit } from './limit.ts'
import type { Charge } from './state.ts'

/**
 * What the calls of an hour added to one limit. Windows shorter than an hour are summed, under the hour's own start: a limit
 * of one second would fill the ledger. `firstMs` and `lastMs`: when the first and last of them were admitted.
 */
export type LimitTotal = {
  limitId: string
  /** Absent where the hold is from before scopes were kept. */
  scope?: string
  unit: Unit
  startMs: number
  amount: number
  firstMs: number
  lastMs: number
}

/** What the calls that began in a UTC hour came to, as this meter counted it: totals, never deltas. */
export type HourTotals = {
  hourMs: number
  /** Grows each time the hour is stated; 0 before. */
  revision: number
  /** When it was last added to, in UTC epoch milliseconds. */
  changedMs: number
  events: number
  costNano: number
  inputTokens: number
  outputTokens: number
  limits: Record<string, LimitTotal>
}

/** The hours of one meter: those that are still added to, and a look at those that were stated. */
export type HourBook = {
  /** Hours before this instant are not known in full, so nothing is said of them. */
  sinceMs: number
  open: Map<number, HourTotals>
  stated(hourMs: number): HourTotals | undefined
}

/** A settlement: its event, the one it replaces, and what it adds to its limits, which may be less than nothing. */
export type Addition = { event: UsageEvent; was: UsageEvent | undefined; charges: Charge[]; added: Need }

/** How long after its end an hour is stated, in milliseconds. */
const CLOSE_MS = 600_000
/** After so long it is stated even where not all of its events are known to be in D1: someone should hear of them. */
const OVERDUE_MS = 2 * HOUR_MS

/** A book without hours. */
export function emptyHours(): HourBook {
  return { sinceMs: 0, open: new Map(), stated: () => undefined }
}

function openHour(book: HourBook, hourMs: number): HourTotals {
  const sums = { events: 0, costNano: 0, inputTokens: 0, outputTokens: 0 }
  const hour = book.open.get(hourMs) ??
    book.stated(hourMs) ?? { hourMs, revision: 0, changedMs: 0, ...sums, limits: {} }
  book.open.set(hourMs, hour)
  return hour
}

function addToLimit(hour: HourTotals, charge: Charge, { added, event }: Addition): void {
  const { limitId, scope, unit } = charge
  const startMs = charge.endMs - charge.startMs < HOUR_MS ? hour.hourMs : charge.startMs
  const key = counterKey({ limitId, startMs })
  const atMs = event.admitted_ms
  const known = hour.limits[key]
  hour.limits[key] = {
    ...{ limitId, ...(scope !== undefined && { scope }), unit, startMs },
    amount: (known?.amount ?? 0) + added[unit],
    firstMs: Math.min(known?.firstMs ?? atMs, atMs),
    lastMs: Math.max(known?.lastMs ?? atMs, atMs),
  }
}

/** Adds a settlement to the hour in which its call began, in the same transaction as its event. */
export function addToHour(book: HourBook, addition: Addition): void {
  const { event, was, charges } = addition
  const hourMs = hourOf(event.timestamp_ms)
  if (hourMs < book.sinceMs) return
  const hour = openHour(book, hourMs)
  hour.changedMs = Math.max(hour.changedMs, event.settled_ms)
  hour.events += was ? 0 : 1
  hour.costNano += event.cost_nano - (was?.cost_nano ?? 0)
  hour.inputTokens += event.input_tokens - (was?.input_tokens ?? 0)
  hour.outputTokens += event.output_tokens - (was?.output_tokens ?? 0)
  // Requests in flight are held, never used.
  for (const charge of charges) if (charge.unit !== 'in_flight') addToLimit(hour, charge, addition)
}

/** When an open hour may be stated, in UTC epoch milliseconds. */
export function closesMs({ hourMs }: HourTotals): number {
  return hourMs + HOUR_MS + CLOSE_MS
}

/** Takes the hours that can be stated out of the book, each under its next revision. `isBusy`: more of it is to come. */
export function closeHours(book: HourBook, isBusy: (hourMs: number) => boolean, nowMs: number): HourTotals[] {
  const closed = [...book.open.values()].filter(hour => {
    const isOverdue = hour.hourMs + HOUR_MS + OVERDUE_MS <= nowMs
    return closesMs(hour) <= nowMs && (isOverdue || !isBusy(hour.hourMs))
  })
  for (const hour of closed) {
    hour.revision += 1
    book.open.delete(hour.hourMs)
  }
  return closed
}
