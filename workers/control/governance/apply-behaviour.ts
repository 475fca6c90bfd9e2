import type { LimitBehaviourInput } from '../../contracts/limit-behaviour-input.ts'
import type { Limit } from '../../core/quota/limit.ts'
import { parseDuration } from '../../core/window/parse-duration.ts'
import type { Behaviour } from '../../db/key-record.ts'
import { badParam } from '../http/query.ts'

/** The fewest output tokens that `clamp` leaves where the body does not say. */
const CLAMP_FLOOR = 16

type Choice = Behaviour['onExceed']

/** The new value of a field that may stay: absent does, `null` is the default. */
function changed<T>(asked: T | null | undefined, current: T, otherwise: T): T {
  if (asked === undefined) return current
  return asked ?? otherwise
}

function clampFloor({ clamp_floor: asked }: LimitBehaviourInput, current: Behaviour, choice: Choice): number | null {
  if (choice === 'clamp') return changed(asked, current.clampFloor ?? CLAMP_FLOOR, CLAMP_FLOOR)
  if (typeof asked === 'number') throw badParam('clamp_floor', 'left out where on_exceed is not clamp')
  return null
}

function downgradeTo({ downgrade_to: asked }: LimitBehaviourInput, current: Behaviour, choice: Choice): string | null {
  if (choice !== 'downgrade') {
    if (typeof asked === 'string') throw badParam('downgrade_to', 'left out where on_exceed is not downgrade')
    return null
  }
  const model = changed(asked, current.downgradeTo, null)
  if (model === null) throw badParam('downgrade_to', 'the model to use instead where on_exceed is downgrade')
  return model
}

function thresholds({ alert_thresholds: asked }: LimitBehaviourInput, current: Behaviour): number[] | null {
  const list = changed(asked, current.thresholds, null)
  return list?.length ? list.toSorted((a, b) => a - b) : null
}

/** What a row's limits do when they are reached, after a change: what the body does not name stays. Throws `request_invalid`. */
export function applyBehaviour(current: Behaviour, input: LimitBehaviourInput): Behaviour {
  const onExceed = changed<Choice>(input.on_exceed, current.onExceed, 'refuse')
  return {
    onExceed,
    clampFloor: clampFloor(input, current, onExceed),
    downgradeTo: downgradeTo(input, current, onExceed),
    thresholds: thresholds(input, current),
    fiscalYearStart: changed(input.fiscal_year_start, current.fiscalYearStart, null),
  }
}

function hasMonths({ unit, window }: Limit): boolean {
  return unit !== 'in_flight' && window.isAligned && parseDuration(window.duration)?.step?.unit === 'month'
}

function clampsNothing(row: Behaviour, limits: Limit[]): boolean {
  return row.onExceed === 'clamp' && !limits.some(({ onExceed }) => onExceed?.kind === 'clamp')
}

/** Refuses (400) what none of the row's limits, as they would be, can do. */
export function checkBehaviour(row: Behaviour, limits: Limit[]): void {
  if (clampsNothing(row, limits)) {
    throw badParam(
      'on_exceed',
      'refuse, warn or downgrade for a limit of requests: only money and tokens can be clamped',
    )
  }
  if (row.fiscalYearStart !== null && !limits.some(hasMonths)) {
    const rule = 'null, or calendar_aligned true and the duration one of whole months, quarters or years'
    throw badParam('fiscal_year_start', rule)
  }
}

/** A row without what none of the limits that it has left can do. */
export function dropIdle<R extends Behaviour>(row: R, limits: Limit[]): R {
  const exceed = clampsNothing(row, limits) ? { onExceed: 'refuse', clampFloor: null } : {}
  return { ...row, ...exceed, ...(!limits.some(hasMonths) && { fiscalYearStart: null }) }
}

/** Whether a body says anything of what a limit does, were it only that it is the default. */
export function namesBehaviour(input: LimitBehaviourInput): boolean {
  const { on_exceed, clamp_floor, downgrade_to, alert_thresholds, fiscal_year_start } = input
  return [on_exceed, clamp_floor, downgrade_to, alert_thresholds, fiscal_year_start].some(one => one !== undefined)
}

/** What a row's limits do, in the words of the API. */
export function renderBehaviour(row: Behaviour) {
  return {
    on_exceed: row.onExceed,
    clamp_floor: row.clampFloor,
    downgrade_to: row.downgradeTo,
    alert_thresholds: row.thresholds ?? [],
    fiscal_year_start: row.fiscalYearStart,
  }
}
