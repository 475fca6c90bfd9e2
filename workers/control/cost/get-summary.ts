import type { TenantId } from '../../core/access/tenant-id.ts'
import { DAY_MS } from '../../db/hours.ts'
import type { SumQuery } from '../../db/rollup/sum-query.ts'
import { addUp, USED, type Used } from '../analytics/add-up.ts'
import { askAllUsage } from '../analytics/ask-usage.ts'
import { checkRange } from '../analytics/check-range.ts'
import { readPeriod, renderPeriod } from '../analytics/read-period.ts'
import { readUsageFilter } from '../analytics/read-usage-filter.ts'
import { percentageOf, usdOf } from '../analytics/render-money.ts'
import type { ControlContext } from '../http/env.ts'
import type { Query } from '../http/query.ts'
import { successBody } from '../http/success-body.ts'
import type { ControlPorts } from '../ports.ts'
import { renderShare, renderTotal } from './render-share.ts'

type Question = SumQuery<(typeof USED)[number]>

function questionsOf(query: Query, tenantId: TenantId, nowMs: number): [Question, Question] {
  const range = readPeriod(query, nowMs)
  const now: Question = { tenantId, range, groupBy: ['agent'], sums: USED, ...readUsageFilter(query) }
  const startMs = Math.max(0, 2 * range.startMs - range.endMs)
  const before: Question = { ...now, range: { startMs, endMs: range.startMs }, groupBy: [] }
  checkRange(now)
  return [now, before]
}

function categories(sums: Used[]) {
  const whole = addUp(sums)
  const [direct, ofAgents] = [
    sums.filter(one => one.group.agent_name === null),
    sums.filter(one => one.group.agent_name),
  ]
  return { managed_inference: renderShare(direct, whole), agent_workloads: renderShare(ofAgents, whole) }
}

/** `GET /v1/cost/summary`: what was spent in a period, by agents and otherwise, and in the period before it. */
export async function getCostSummary(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const questions = questionsOf(c.req.query(), c.get('principal').tenantId, ports.nowMs())
  const [{ range }, { range: earlier }] = questions
  const [now, before] = (await askAllUsage(questions, ports)).map(one => one.sums)
  const [total, previous] = [addUp(now ?? []), addUp(before ?? [])]
  const gain = total.costNano - previous.costNano
  const data = {
    period: renderPeriod(range),
    ...renderTotal(total),
    average_daily_cost_usd: usdOf(total.costNano) / ((range.endMs - range.startMs) / DAY_MS),
    by_category: categories(now ?? []),
    previous_period: { ...renderPeriod(earlier), ...renderTotal(previous) },
    change_percentage: previous.costNano === 0n ? null : percentageOf(gain, previous.costNano),
  }
  return c.json(successBody(data))
}
