import { HOUR_MS } from '../core/window/hour.ts'
import type { LimitGap } from '../db/limit-gaps.ts'
import type { Difference, Sums } from '../db/read-hour.ts'

/** What meters, events and rollups say of one key's hour. */
export type KeyHour = {
  /** Absent where no meter has said anything yet: then nothing but the rollup can be checked. */
  stated: Sums | undefined
  booked: Sums
  /** The correction as it stands; its `events` are those that it says are missing. `revision` 0: there is none. */
  corrected: Sums & { revision: number }
  /** Absent where the hour is dirty, and so is summed anew anyway, or has too few events for sums to be kept. */
  rolledUp: Sums | undefined
  gaps: LimitGap[]
  known: Difference[]
}

/** A difference as a comparison saw it. */
export type Seen = Pick<Difference, 'kind' | 'subject' | 'expected' | 'found' | 'first_seen_ms' | 'corrected_ms'>

/** What a comparison found. `correction`: to be booked; `dueMs`: when to look again, or `undefined` where that needs a change. */
export type Comparison = {
  seen: Seen[]
  correction: (Sums & { revision: number }) | undefined
  isRollupWrong: boolean
  dueMs: number | undefined
}

/** A difference is believed when it was the same in two runs so far apart, in milliseconds: events may only be late. */
const BELIEVE_MS = 10 * 60_000
/** Before so long after the hour D1 may have more than was stated: a meter of the key can take two hours to speak. */
const ALL_STATED_MS = 3 * HOUR_MS

const FIELDS = ['events', 'cost_nano', 'input_tokens', 'output_tokens'] as const
const USED: Record<LimitGap['unit'], (gap: Sums) => number> = {
  nano_usd: gap => gap.cost_nano,
  tokens: gap => gap.input_tokens + gap.output_tokens,
  requests: gap => gap.events,
}

type Names = Pick<Seen, 'kind' | 'subject'>
type Numbers = Pick<Seen, 'expected' | 'found'>

function knownOf({ known }: KeyHour, { kind, subject }: Names): Difference | undefined {
  return known.find(one => one.kind === kind && one.subject === subject)
}

function see(hour: KeyHour, what: Names & Numbers, nowMs: number): Seen {
  const known = knownOf(hour, what)
  const isSame = known?.expected === what.expected && known.found === what.found
  const before = isSame ? known : undefined
  return { ...what, first_seen_ms: before?.first_seen_ms ?? nowMs, corrected_ms: before?.corrected_ms ?? null }
}

function between(low: number, high: number, value: number): boolean {
  return value >= Math.min(low, high) && value <= Math.max(low, high)
}

function gapOf(stated: Sums, booked: Sums): Sums {
  const gap = (name: keyof Sums) => stated[name] - booked[name]
  return {
    events: gap('events'),
    cost_nano: gap('cost_nano'),
    input_tokens: gap('input_tokens'),
    output_tokens: gap('output_tokens'),
  }
}

function isBelieved(seen: Seen, nowMs: number): boolean {
  return seen.first_seen_ms + BELIEVE_MS <= nowMs
}

type Totals = Pick<Comparison, 'seen' | 'correction'> & { gap: Sums; isEven: boolean }

const NOTHING: Sums = { events: 0, cost_nano: 0, input_tokens: 0, output_tokens: 0 }

// A correction is made after two looks; what it was made for and has come since is taken out of it at once.
function compareTotals(hour: KeyHour, nowMs: number): Totals {
  const { stated, booked, corrected } = hour
  if (!stated) return { seen: [], correction: undefined, gap: NOTHING, isEven: true }
  const gap = gapOf(stated, booked)
  const seen = FIELDS.filter(kind => gap[kind] !== 0).map(kind =>
    see(hour, { kind, subject: '', expected: stated[kind], found: booked[kind] }, nowMs),
  )
  const isInPlace = FIELDS.every(name => gap[name] === corrected[name])
  const isSmaller = FIELDS.every(name => between(0, corrected[name], gap[name]))
  const mustCorrect = !isInPlace && (isSmaller || seen.every(one => isBelieved(one, nowMs)))
  const isEven = isInPlace || mustCorrect
  return {
    seen: seen.map(one => ({ ...one, corrected_ms: isEven ? (one.corrected_ms ?? nowMs) : null })),
    correction: mustCorrect ? { ...gap, revision: corrected.revision + 1 } : undefined,
    ...{ gap, isEven },
  }
}

// What is missing of a limit is part of what is missing of the key; that much is named there already.
function compareLimits(hour: KeyHour, gap: Sums, nowMs: number): Seen[] {
  return hour.gaps
    .filter(({ unit, expected, found }) => !between(0, USED[unit](gap), expected - found))
    .map(({ limit_id, start_ms, expected, found }) =>
      see(hour, { kind: 'limit', subject: `${limit_id}@${start_ms}`, expected, found }, nowMs),
    )
}

function compareRollup(hour: KeyHour, nowMs: number): Seen[] {
  const { rolledUp, booked, corrected } = hour
  if (!rolledUp) return []
  const inAll = (name: keyof Sums) =>
    booked[name] + (name === 'events' ? Math.min(1, corrected.revision) : corrected[name])
  return FIELDS.filter(name => rolledUp[name] !== inAll(name)).map(name => ({
    ...see(hour, { kind: 'rollup', subject: name, expected: inAll(name), found: rolledUp[name] }, nowMs),
    corrected_ms: nowMs,
  }))
}

// Differences that are gone stay to be seen, as agreeing since now. A rollup's were corrected when they were found.
function goneOf({ known, stated }: KeyHour, seen: Seen[], nowMs: number): Seen[] {
  const isSeen = (one: Names) => seen.some(({ kind, subject }) => kind === one.kind && subject === one.subject)
  return known.flatMap(({ kind, subject, expected, found, first_seen_ms }) => {
    if (kind === 'rollup' || expected === found || isSeen({ kind, subject })) return []
    const agreed = kind === 'limit' ? expected : (stated?.[kind] ?? expected)
    return [{ kind, subject, expected: agreed, found: agreed, first_seen_ms, corrected_ms: nowMs }]
  })
}

// Some of its meters have not spoken yet, or what they said is older than the last event.
function isTooEarly({ stated, booked, corrected }: KeyHour, hourMs: number, nowMs: number): boolean {
  if (!stated || nowMs >= hourMs + HOUR_MS + ALL_STATED_MS) return false
  const gap = gapOf(stated, booked)
  return FIELDS.some(name => gap[name] < Math.min(0, corrected[name]))
}

/** Compares what is said of a key's hour. The meters are right: their counters decided, in the same transaction. */
export function compareKeyHour(hour: KeyHour, hourMs: number, nowMs: number): Comparison {
  if (isTooEarly(hour, hourMs, nowMs)) {
    return { seen: [], correction: undefined, isRollupWrong: false, dueMs: hourMs + HOUR_MS + ALL_STATED_MS }
  }
  const totals = compareTotals(hour, nowMs)
  const limits = compareLimits(hour, totals.gap, nowMs)
  const rollups = compareRollup(hour, nowMs)
  const seen = [...totals.seen, ...limits, ...rollups]
  const isDone = totals.isEven && limits.every(one => isBelieved(one, nowMs))
  return {
    seen: [...seen, ...goneOf(hour, seen, nowMs)],
    correction: totals.correction,
    isRollupWrong: rollups.length > 0,
    dueMs: isDone ? undefined : nowMs + BELIEVE_MS,
  }
}
