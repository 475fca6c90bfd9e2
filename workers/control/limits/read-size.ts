import type { LimitUpdate } from '../../contracts/limit-input.ts'
import { MAX_USD, nanoFromUsd } from '../../core/money/nano-usd.ts'
import type { Unit } from '../../core/quota/limit.ts'
import { parseDuration } from '../../core/window/parse-duration.ts'
import { badParam } from '../http/query.ts'

/** How much a limit allows, in its own whole units, and per what. Requests in flight have no duration. */
export type LimitSize = { max: number; duration: string; isAligned: boolean }

function readUsd(usd: number | null | undefined): number {
  const nano = typeof usd === 'number' ? nanoFromUsd(usd) : undefined
  if (nano !== undefined && nano > 0) return nano
  throw badParam('max_usd', `more than 0, at most ${MAX_USD}, and have at most 9 decimal places`)
}

function readMax(unit: Unit, { max, max_usd }: LimitUpdate, current: LimitSize | undefined): number {
  const [other, value] = unit === 'nano_usd' ? (['max', max] as const) : (['max_usd', max_usd] as const)
  if (typeof value === 'number') throw badParam(other, `left out of a limit of ${unit}`)
  if (current && typeof max !== 'number' && typeof max_usd !== 'number') return current.max
  if (unit === 'nano_usd') return readUsd(max_usd)
  if (typeof max === 'number' && max > 0) return max
  throw badParam('max', 'a whole number above 0')
}

function readDuration(unit: Unit, { duration: asked }: LimitUpdate, current: LimitSize | undefined): string {
  if (unit !== 'in_flight') {
    const duration = asked ?? current?.duration ?? ''
    if (parseDuration(duration)) return duration
    throw badParam('duration', 'a duration such as 30s, 5m, 1h, 1d, 2w, 3M, 1Q or 1Y')
  }
  if (asked) throw badParam('duration', 'left out of a limit of in_flight, which knows no window')
  return '1d'
}

/** The size of a limit after a change: what the body does not name stays. Throws `request_invalid`. */
export function readSize(unit: Unit, input: LimitUpdate, current?: LimitSize): LimitSize {
  const max = readMax(unit, input, current)
  const duration = readDuration(unit, input, current)
  const isAligned = input.calendar_aligned ?? current?.isAligned ?? false
  if (isAligned && (unit === 'in_flight' || !parseDuration(duration)?.step)) {
    throw badParam(
      'calendar_aligned',
      'false where the duration is not of whole days, weeks, months, quarters or years',
    )
  }
  return { max, duration, isAligned }
}
