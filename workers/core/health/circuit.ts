/** What was seen of a provider since the last report: attempts that found it well and not, and how long those took that were timed. */
export type HealthSample = { successes: number; failures: number; timed: number; latencyMsSum: number }

/** A sample of nothing. */
export const NO_SAMPLE: HealthSample = { successes: 0, failures: 0, timed: 0, latencyMsSum: 0 }

/** How long errors and latencies are remembered, milliseconds, and in how many pieces they are forgotten. */
const WINDOW_MS = 30_000
const BUCKET_MS = 3_000
/** A circuit opens on so many attempts in the window, at such a part of failures. */
const MIN_ATTEMPTS = 5
const OPEN_AT_RATE = 0.5
/** How long it stays open: doubled each time that a probe fails. */
const FIRST_OPEN_MS = 10_000
const MAX_OPEN_MS = 120_000

/** `openUntilMs`: `null` of a closed one; a time that has passed of one that is half open. */
export type Circuit = {
  buckets: (HealthSample & { startMs: number })[]
  openUntilMs: number | null
  openForMs: number
  /** The provider asked to be left alone until then. */
  limitedUntilMs: number
}

/** A circuit of which nothing is known. */
export function newCircuit(): Circuit {
  return { buckets: [], openUntilMs: null, openForMs: FIRST_OPEN_MS, limitedUntilMs: 0 }
}

/** How a provider does. `half_open`: one attempt may find out; `errorRate` from 0 to 1 and the mean latency of the last half minute. */
export type HealthView = {
  state: 'closed' | 'open' | 'half_open'
  openUntilMs: number | null
  limitedUntilMs: number
  attempts: number
  errorRate: number
  latencyMs: number | null
}

function recent(circuit: Circuit, nowMs: number): Circuit['buckets'] {
  return circuit.buckets.filter(({ startMs }) => startMs > nowMs - WINDOW_MS)
}

function sum(buckets: HealthSample[]): HealthSample {
  return buckets.reduce(
    (all, one) => ({
      successes: all.successes + one.successes,
      failures: all.failures + one.failures,
      timed: all.timed + one.timed,
      latencyMsSum: all.latencyMsSum + one.latencyMsSum,
    }),
    NO_SAMPLE,
  )
}

function stateOf({ openUntilMs }: Circuit, nowMs: number): HealthView['state'] {
  if (openUntilMs === null) return 'closed'
  return openUntilMs > nowMs ? 'open' : 'half_open'
}

/** How the provider does at an instant, UTC epoch milliseconds. */
export function viewOf(circuit: Circuit, nowMs: number): HealthView {
  const { successes, failures, timed, latencyMsSum } = sum(recent(circuit, nowMs))
  const attempts = successes + failures
  return {
    state: stateOf(circuit, nowMs),
    openUntilMs: circuit.openUntilMs,
    limitedUntilMs: circuit.limitedUntilMs,
    attempts,
    errorRate: attempts === 0 ? 0 : failures / attempts,
    latencyMs: timed === 0 ? null : Math.round(latencyMsSum / timed),
  }
}

function added(circuit: Circuit, sample: HealthSample, nowMs: number): Circuit['buckets'] {
  const startMs = Math.floor(nowMs / BUCKET_MS) * BUCKET_MS
  const buckets = recent(circuit, nowMs)
  const same = buckets.find(bucket => bucket.startMs === startMs)
  const others = buckets.filter(bucket => bucket !== same)
  return [...others, { startMs, ...sum(same ? [same, sample] : [sample]) }]
}

function opened(circuit: Circuit, nowMs: number, openForMs: number): Circuit {
  return { ...circuit, openUntilMs: nowMs + openForMs, openForMs }
}

// A success ends it at once, and what came before is forgotten: it would open the circuit again.
function probed(circuit: Circuit, { successes, failures }: HealthSample, nowMs: number): Circuit {
  if (failures > 0) return opened(circuit, nowMs, Math.min(MAX_OPEN_MS, circuit.openForMs * 2))
  return successes > 0 ? { ...newCircuit(), limitedUntilMs: circuit.limitedUntilMs } : circuit
}

/**
 * The circuit after a report. Opens where half of five or more attempts in half a minute failed; is half open ten seconds later,
 * longer each time that a probe fails; closes with the first success then. What is heard while it is open of attempts that
 * were begun before changes nothing.
 */
export function observe(circuit: Circuit, sample: HealthSample, nowMs: number): Circuit {
  const next = { ...circuit, buckets: added(circuit, sample, nowMs) }
  const state = stateOf(circuit, nowMs)
  if (state === 'open') return next
  if (state === 'half_open') return probed(next, sample, nowMs)
  const { attempts, errorRate } = viewOf(next, nowMs)
  return attempts >= MIN_ATTEMPTS && errorRate >= OPEN_AT_RATE ? opened(next, nowMs, FIRST_OPEN_MS) : next
}

/** The circuit of a provider that asks to be left alone until an instant. */
export function limited(circuit: Circuit, untilMs: number): Circuit {
  return { ...circuit, limitedUntilMs: Math.max(circuit.limitedUntilMs, untilMs) }
}
