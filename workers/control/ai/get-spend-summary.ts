import type { SumQuery } from '../../db/rollup/sum-query.ts'
import type { UsageGroup } from '../../db/rollup/usage-group.ts'
import { addUp, type Total, USED, type Used } from '../analytics/add-up.ts'
import { askAllUsage } from '../analytics/ask-usage.ts'
import { checkRange } from '../analytics/check-range.ts'
import { readPeriod, renderPeriod } from '../analytics/read-period.ts'
import { readUsageFilter } from '../analytics/read-usage-filter.ts'
import { byCost, renderShare, renderTotal } from '../cost/render-share.ts'
import type { ControlContext } from '../http/env.ts'
import { successBody } from '../http/success-body.ts'
import type { ControlPorts } from '../ports.ts'
import { APPLICATION } from './list-spend.ts'

const GROUPS: UsageGroup[] = ['provider', 'model', `tag:${APPLICATION}`, 'team']
const NAMES = ['provider', 'model', 'application', 'team']

function renderGroups(sums: Used[], name: string, whole: Total) {
  return byCost(sums.map(sum => ({ [name]: Object.values(sum.group)[0] ?? null, ...renderShare([sum], whole) })))
}

/** `GET /v1/ai/spend/summary`: what inference cost in a period, by provider, model, application and team. */
export async function getSpendSummary(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = c.req.query()
  const range = readPeriod(query, ports.nowMs())
  const base = { tenantId: c.get('principal').tenantId, range, sums: USED, ...readUsageFilter(query) }
  const questions: SumQuery<(typeof USED)[number]>[] = GROUPS.map(group => ({ ...base, groupBy: [group] }))
  for (const question of questions) checkRange(question)
  const answers = (await askAllUsage(questions, ports)).map(one => one.sums)
  const whole = addUp(answers[0] ?? [])
  const lists = NAMES.map((name, index) => [`by_${name}`, renderGroups(answers[index] ?? [], name, whole)])
  return c.json(successBody({ period: renderPeriod(range), ...renderTotal(whole), ...Object.fromEntries(lists) }))
}
