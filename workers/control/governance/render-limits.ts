import { usdFromNano } from '../../core/money/nano-usd.ts'
import { maxIn } from '../../core/quota/limit.ts'
import { intervalAt } from '../../core/window/interval-at.ts'
import type { BudgetRow, LimitRows, RateLimitRow } from '../../db/key-record.ts'
import { renderBehaviour } from './apply-behaviour.ts'
import { cyclesUntil } from './apply-budget-override.ts'
import type { KeyUsage } from './key-usage.ts'
import { budgetLimits, rateLimitId, windowOf } from './limits-of.ts'

const iso = (ms: number) => new Date(ms).toISOString()

function ownerOf(row: BudgetRow | RateLimitRow) {
  if (row.providerConfigId !== null) return { provider_config_id: row.providerConfigId }
  const [kind = '', id] = row.scope.split(':')
  return ['virtual_key', 'team', 'customer'].includes(kind) ? { [`${kind}_id`]: id } : {}
}

function standing(id: string, row: BudgetRow | RateLimitRow, usage: KeyUsage) {
  const { used, startMs } = usage.get(id) ?? { used: 0, startMs: row.anchorMs }
  return { used, lastReset: iso(startMs), startMs }
}

// An override whose windows are over is none.
function renderOverride(row: BudgetRow, startMs: number) {
  const window = windowOf(row, row.resetDuration)
  const [limit] = budgetLimits(row)
  const max = limit ? maxIn(limit, intervalAt(window, startMs)) : row.maxLimitNano
  const amount = max - row.maxLimitNano
  const { overrideUntilMs: untilMs } = row
  return {
    override_amount: usdFromNano(amount),
    override_mode: amount === 0 ? '' : untilMs === null ? 'forever' : 'cycles',
    override_cycles_remaining: amount === 0 || untilMs === null ? 0 : cyclesUntil(window, untilMs, startMs),
    effective_max_limit: usdFromNano(max),
  }
}

function renderQuarters({ resetDuration, fiscalYearStart }: BudgetRow) {
  const month = /^(\d\d)-01$/.exec(fiscalYearStart ?? '')?.[1]
  return month && resetDuration.endsWith('Q') ? { reset_config: { quarter_start_month: Number(month) } } : {}
}

/** A budget as Bifrost shows it, in dollars; `last_reset` is when its current window began. */
export function renderBudget(row: BudgetRow, usage: KeyUsage) {
  const { used, lastReset, startMs } = standing(row.id, row, usage)
  return {
    id: row.id,
    max_limit: usdFromNano(row.maxLimitNano),
    reset_duration: row.resetDuration,
    last_reset: lastReset,
    current_usage: usdFromNano(used),
    ...ownerOf(row),
    calendar_aligned: row.calendarAligned,
    ...renderQuarters(row),
    ...renderOverride(row, startMs),
    ...renderBehaviour(row),
    config_hash: '',
    created_at: iso(row.createdMs),
    updated_at: iso(row.updatedMs),
  }
}

/** A rate limit as Bifrost shows it: a maximum that is not set, and its duration, are left out. */
export function renderRateLimit(row: RateLimitRow, usage: KeyUsage) {
  const tokens = standing(rateLimitId(row, 'tokens'), row, usage)
  const requests = standing(rateLimitId(row, 'requests'), row, usage)
  return {
    id: row.id,
    token_max_limit: row.tokenMaxLimit ?? undefined,
    token_reset_duration: row.tokenResetDuration ?? undefined,
    token_current_usage: tokens.used,
    token_last_reset: tokens.lastReset,
    request_max_limit: row.requestMaxLimit ?? undefined,
    request_reset_duration: row.requestResetDuration ?? undefined,
    request_current_usage: requests.used,
    request_last_reset: requests.lastReset,
    calendar_aligned: row.calendarAligned,
    ...renderBehaviour(row),
    config_hash: '',
    created_at: iso(row.createdMs),
    updated_at: iso(row.updatedMs),
  }
}

/** An owner's limits as Bifrost shows them, with the first budget also under its older name; empty ones are left out. */
export function renderLimits({ budgets, rateLimits: [rateLimit] }: LimitRows, usage: KeyUsage) {
  const shown = budgets.map(row => renderBudget(row, usage))
  return {
    rate_limit_id: rateLimit?.id,
    rate_limit: rateLimit && renderRateLimit(rateLimit, usage),
    budget_id: shown[0]?.id,
    budget: shown[0],
    budgets: shown.length > 0 ? shown : undefined,
  }
}
