import { type Case, END_MS, type Fate, World } from './world.ts'

/** A half and the hundredth largest of a list of milliseconds. */
export type Quantiles = { p50: number; p99: number }

function quantilesOf(values: number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}

// Until the first recall money is plenty; between it and the first refusal it is gathered; after that there is none.
function phasesOf(world: World): Record<'plenty' | 'gathering' | 'spent', Fate[]> {
  const { firstRecall, firstRefusal } = world
  const fates = [...world.fates, ...world.stillWaiting()]
  const recallMs = firstRecall?.atMs ?? Number.POSITIVE_INFINITY
  const refusalMs = firstRefusal?.atMs ?? Number.POSITIVE_INFINITY
  return {
    plenty: fates.filter(({ atMs }) => atMs < recallMs),
    gathering: fates.filter(({ atMs }) => atMs >= recallMs && atMs < refusalMs),
    spent: fates.filter(({ atMs }) => atMs >= refusalMs),
  }
}

function waitsOf(world: World) {
  const { plenty, gathering, spent } = phasesOf(world)
  const of = (fates: Fate[]) => quantilesOf(fates.map(({ waitMs }) => waitMs))
  const borrowed = plenty.filter(({ waitMs }) => waitMs > 0)
  return {
    all: of(plenty),
    borrowed: of(borrowed),
    borrowedShare: plenty.length === 0 ? 0 : borrowed.length / plenty.length,
    gathering: of(gathering),
    spent: of(spent),
  }
}

function strandedOf({ samples, firstRecall, firstRefusal }: World) {
  const shares = samples.map(({ stranded }) => stranded)
  const mean = shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length)
  const at = (part: number) => samples[Math.floor(samples.length * part)]?.stranded ?? 0
  return {
    most: Math.max(0, ...shares),
    mean,
    overTime: [0.1, 0.3, 0.5, 0.7, 0.9].map(at),
    atFirstRecall: firstRecall?.stranded,
    atFirstRefusal: firstRefusal?.stranded,
  }
}

/** All that is said of a case. Shares are of the limit; milliseconds and seconds are simulated. */
export function figuresOf(one: Case) {
  const world = new World(one)
  world.run()
  const { owner, firstRefusal, fates } = world
  const startMs = Date.UTC(2026, 0, 1)
  const beforeMs = (firstRefusal?.atMs ?? world.clock.nowMs) - startMs
  const before = fates.filter(({ atMs }) => atMs < startMs + beforeMs).length
  const calls = firstRefusal?.calls ?? owner.calls
  return {
    ...one,
    requests: fates.length + world.waiting.size,
    metersUsed: world.meters.size,
    requestsBeforeTheEnd: before,
    callsPerSecond: calls / (beforeMs / 1000),
    callsPerThousand: (1000 * calls) / before,
    peakCallsPerSecond: owner.peakPerSecond,
    stranded: strandedOf(world),
    recallsToFirstRefusal: firstRefusal?.recalls,
    rounds: owner.rounds,
    recalls: owner.recalls,
    refused: world.fates.filter(({ admission }) => admission === 'refused').length,
    refusedPerSecondAtTheEnd: firstRefusal ? owner.refusals / (END_MS / 1000) : undefined,
    unavailable: world.fates.filter(({ admission }) => admission === 'unavailable').length,
    stillWaiting: world.waiting.size,
    longestQueue: owner.longestQueue,
    falseRefusals: world.falseRefusals,
    lateRefusals: world.lateRefusals,
    overspend: world.overspend,
    waitMs: waitsOf(world),
  }
}

/** One case's figures. */
export type Figures = ReturnType<typeof figuresOf>
