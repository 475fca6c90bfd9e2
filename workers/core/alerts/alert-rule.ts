import { usdFromNano } from '../money/nano-usd.ts'
import { partsOf } from '../quota/joined-scope.ts'
import { intervalAt } from '../window/interval-at.ts'
import type { Interval } from '../window/window.ts'

/** The windows of the calendar, in UTC, in which a rule of spending counts. */
export const SPEND_WINDOWS = { daily_spend_limit: '1d', weekly_spend_limit: '1w', monthly_spend_limit: '1M' } as const
/** What a rule looks at: a part of budgets, or what was spent. */
export const TRIGGERS = ['budget_threshold', 'daily_spend_limit', 'weekly_spend_limit', 'monthly_spend_limit'] as const
/** One of those. */
export type Trigger = (typeof TRIGGERS)[number]
/** Ways to be told that a rule can name, after LLMGovernor. Weir itself goes the first of them. */
export const CHANNELS = ['webhook', 'email', 'slack'] as const
/** One of those. */
export type Channel = (typeof CHANNELS)[number]

/** The names that requests must have for a rule to count them. */
export const FILTER_NAMES = ['agent_name', 'user_id', 'provider', 'model', 'feature'] as const
/** Which requests, or whose budgets: all of this is true of them. */
export type AlertFilters = { [Name in (typeof FILTER_NAMES)[number]]?: string } & { tags?: Record<string, string> }

/** What there was of something that a rule looks at. `used` and `max` in nano-dollars. */
export type Measured = Interval & { limitId: string; scope: string | null; used: number; max: number }

const KIND_OF = {
  agent_name: 'agent',
  user_id: 'user',
  provider: 'provider',
  model: 'model',
  feature: 'feature',
} as const

/** Whether a budget is one of those that a rule looks at: its scope has everything that the filters name. */
export function isWatched(scope: string, { tags = {}, ...names }: AlertFilters): boolean {
  const named = FILTER_NAMES.flatMap(name => (names[name] === undefined ? [] : [`${KIND_OF[name]}:${names[name]}`]))
  const wanted = [...named, ...Object.entries(tags).map(([key, value]) => `tag:${key}=${value}`)]
  const parts = partsOf(scope)
  return wanted.every(part => parts.includes(part))
}

/** The window of a rule of spending that an instant falls in. */
export function spendWindow(trigger: keyof typeof SPEND_WINDOWS, atMs: number): Interval {
  return intervalAt({ duration: SPEND_WINDOWS[trigger], isAligned: true, anchorMs: 0 }, atMs)
}

/** Whether a rule is met. `threshold`: whole percents of `max` where it looks at budgets, and `max` itself where not. */
export function isMet(
  { trigger, threshold }: { trigger: Trigger; threshold: number },
  { used, max }: Measured,
): boolean {
  if (used <= 0) return false
  return trigger === 'budget_threshold' ? BigInt(used) * 100n >= BigInt(threshold) * BigInt(max) : used >= threshold
}

/** A threshold as it was written: a part of a budget, or dollars. */
export function shownThreshold(trigger: Trigger, threshold: number): number {
  return trigger === 'budget_threshold' ? threshold / 100 : usdFromNano(threshold)
}
