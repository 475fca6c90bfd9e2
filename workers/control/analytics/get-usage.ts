import type { Interval } from '../../core/window/window.ts'
import type { SumQuery } from '../../db/rollup/sum-query.ts'
import type { UsageGroup } from '../../db/rollup/usage-group.ts'
import type { SumPage } from '../../db/sum-usage.ts'
import type { ControlContext } from '../http/env.ts'
import { wholeNumber } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'
import { askAllUsage } from './ask-usage.ts'
import { checkRange } from './check-range.ts'
import { readPeriod } from './read-period.ts'
import { readUsageFilter } from './read-usage-filter.ts'
import { renderUsage } from './render-usage.ts'

/** What `GET /v1/analytics/usage` sums. */
export const USAGE_SUMS = ['events', 'successes', 'input_tokens', 'output_tokens', 'cost_nano'] as const
/** One question of it. */
export type UsageQuery = SumQuery<(typeof USAGE_SUMS)[number]>
/** One answer of it. */
export type UsagePage = SumPage<(typeof USAGE_SUMS)[number]>

function before({ startMs, endMs }: Interval): Interval {
  return { startMs: Math.max(0, startMs - (endMs - startMs)), endMs: startMs }
}

// Agents and users of both periods are counted; of the current one the most are shown.
function questionsOf(base: Omit<UsageQuery, 'groupBy'>, limit: number): UsageQuery[] {
  const most = (groupBy: UsageGroup[], range = base.range): UsageQuery => ({
    ...{ ...base, range, groupBy, isNamed: true },
    page: { by: 'cost_nano', isDescending: true, limit, offset: 0 },
  })
  const previous = before(base.range)
  return [
    { ...base, groupBy: [] },
    ...[most(['agent']), most(['user']), most(['provider']), most(['provider', 'model'])],
    { ...base, range: previous, groupBy: [] },
    ...[most(['agent'], previous), most(['user'], previous)],
  ]
}

/** `GET /v1/analytics/usage`: what was used in a period and in that before it, and who and what used the most. */
export async function getUsage(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = c.req.query()
  const range = readPeriod(query, ports.nowMs())
  const limit = wholeNumber(query, 'limit', { min: 1, max: 100, otherwise: 10 })
  const base = { tenantId: c.get('principal').tenantId, range, sums: USAGE_SUMS, ...readUsageFilter(query) }
  const questions = questionsOf(base, limit)
  for (const one of questions.slice(0, 5)) checkRange(one)
  const answers = await askAllUsage(questions, ports)
  return c.json(renderUsage(answers, [range, before(range)]))
}
