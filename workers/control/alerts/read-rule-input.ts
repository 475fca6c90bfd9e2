import type { AlertRuleUpdate } from '../../contracts/alert-rule-input.ts'
import type { AlertFilters, Trigger } from '../../core/alerts/alert-rule.ts'
import { MAX_USD, nanoFromUsd } from '../../core/money/nano-usd.ts'
import { badParam } from '../http/query.ts'

const MAX_PERCENT = 1000

function percentOf(fraction: number): number {
  const percent = Math.round(fraction * 100)
  const isWhole = Math.abs(percent - fraction * 100) < 1e-9
  if (isWhole && percent >= 1 && percent <= MAX_PERCENT) return percent
  throw badParam('threshold', 'a part of the budget in whole percents, from 0.01 to 10, such as 0.8')
}

function nanoOf(usd: number): number {
  const nano = nanoFromUsd(usd)
  if (nano !== undefined && nano > 0) return nano
  throw badParam('threshold', `dollars: more than 0, at most ${MAX_USD}, with at most 9 decimal places`)
}

/** A threshold as it is stored: whole percents of a budget, or nano-dollars. Throws `request_invalid`. */
export function readThreshold(trigger: Trigger, threshold: number): number {
  return trigger === 'budget_threshold' ? percentOf(threshold) : nanoOf(threshold)
}

/** Filters without those that say nothing. */
export function readFilters({ tags, ...names }: NonNullable<AlertRuleUpdate['filters']>): AlertFilters {
  const said = Object.entries(names).filter(([, value]) => typeof value === 'string')
  const hasTags = tags && Object.keys(tags).length > 0
  return { ...(Object.fromEntries(said) as Omit<AlertFilters, 'tags'>), ...(hasTags && { tags }) }
}
