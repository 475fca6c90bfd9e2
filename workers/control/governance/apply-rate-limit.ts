import type { RateLimitInput } from '../../contracts/virtual-key-input.ts'
import { parseDuration } from '../../core/window/parse-duration.ts'
import type { RateLimitRow } from '../../db/key-record.ts'
import { applyBehaviour, checkBehaviour, namesBehaviour } from './apply-behaviour.ts'
import { invalid } from './invalid.ts'
import { type LimitOwner, newLimitRow, realign } from './limit-owner.ts'
import { rateLimits } from './limits-of.ts'

function checkUnit(unit: 'token' | 'request', max: number | null, duration: string | null): void {
  if (max === null) return
  if (max <= 0) throw invalid(`rate limit ${unit} max limit cannot be negative or zero: ${max}`)
  if (!duration) throw invalid(`rate limit ${unit} reset duration is required`)
  if (!parseDuration(duration)) throw invalid(`invalid rate limit ${unit} reset duration format: ${duration}`)
}

function merged(input: RateLimitInput, current: RateLimitRow | undefined, owner: LimitOwner): RateLimitRow {
  const [base] = current ? realign([current], owner) : []
  const row = base ?? newLimitRow(owner)
  const kept = input.replace ? undefined : current
  return {
    ...row,
    tokenMaxLimit: input.token_max_limit ?? kept?.tokenMaxLimit ?? null,
    tokenResetDuration: input.token_reset_duration ?? kept?.tokenResetDuration ?? null,
    requestMaxLimit: input.request_max_limit ?? kept?.requestMaxLimit ?? null,
    requestResetDuration: input.request_reset_duration ?? kept?.requestResetDuration ?? null,
    inFlightMaxLimit: current?.inFlightMaxLimit ?? null,
    ...applyBehaviour(row, input),
    updatedMs: owner.nowMs,
  }
}

function isEmpty(input: RateLimitInput): boolean {
  return !namesBehaviour(input) && Object.values(input).every(value => value === null || value === undefined)
}

function checked(rows: RateLimitRow[]): RateLimitRow[] {
  for (const row of rows) checkBehaviour(row, rateLimits(row))
  return rows
}

function hasMax({ tokenMaxLimit, requestMaxLimit }: RateLimitRow): boolean {
  return tokenMaxLimit !== null || requestMaxLimit !== null
}

/**
 * An owner's rate limit (none or one) after a change: what is given is merged into what is there, `{}` removes it, and
 * `undefined` changes nothing. Throws `request_invalid` where the outcome is no limit.
 */
export function applyRateLimit(
  current: RateLimitRow[],
  input: RateLimitInput | null | undefined,
  owner: LimitOwner,
): RateLimitRow[] {
  if (!input) return checked(realign(current, owner))
  if (isEmpty(input)) return []
  const row = merged(input, current[0], owner)
  checkUnit('token', row.tokenMaxLimit, row.tokenResetDuration)
  checkUnit('request', row.requestMaxLimit, row.requestResetDuration)
  if (hasMax(row)) return checked([row])
  if (namesBehaviour(input)) throw invalid('rate_limit needs a token_max_limit or a request_max_limit')
  return []
}
