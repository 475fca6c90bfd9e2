import type { SumQuery } from '../../db/rollup/sum-query.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { addUp } from '../analytics/add-up.ts'
import { askAllUsage } from '../analytics/ask-usage.ts'
import { checkRange } from '../analytics/check-range.ts'
import { readPeriod, renderPeriod } from '../analytics/read-period.ts'
import { renderGroup } from '../analytics/render-group.ts'
import { percentageOf, renderCost, usdOf } from '../analytics/render-money.ts'
import { byCost, renderShare, renderTotal } from '../cost/render-share.ts'
import type { ControlContext } from '../http/env.ts'
import { oneOf } from '../http/query.ts'
import { successBody } from '../http/success-body.ts'
import type { ControlPorts } from '../ports.ts'

const SUMS = ['events', 'successes', 'input_tokens', 'output_tokens', 'cost_nano'] as const
type Question = SumQuery<(typeof SUMS)[number]>
type Whose = { named: Record<string, string>; which: Pick<Question, 'filter' | 'tags'>; what: string }

async function attribute({ named, which, what }: Whose, c: ControlContext, ports: ControlPorts): Promise<Response> {
  const range = readPeriod(c.req.query(), ports.nowMs())
  const base = { tenantId: c.get('principal').tenantId, range, sums: SUMS, ...which }
  const questions: Question[] = [
    { ...base, groupBy: ['provider', 'model'] },
    { ...base, groupBy: ['day'] },
  ]
  for (const question of questions) checkRange(question)
  const [models = [], days = []] = (await askAllUsage(questions, ports)).map(one => one.sums)
  const whole = addUp(models)
  if (whole.events === 0) throw new GatewayError('not_found', `There are no events of such ${what} in this period.`)
  const successes = models.reduce((sum, one) => sum + one.successes, 0)
  const data = {
    ...{ ...named, period: renderPeriod(range), ...renderTotal(whole) },
    cost_per_request_usd: usdOf(whole.costNano) / whole.events,
    success_rate: percentageOf(successes, whole.events),
    by_model: byCost(models.map(sum => ({ ...renderGroup(sum.group), ...renderShare([sum], whole) }))),
    daily: days.map(sum => ({
      ...{ ...renderGroup(sum.group), ...renderCost(sum.cost_nano) },
      ...{ events: sum.events, tokens: sum.input_tokens + sum.output_tokens },
    })),
  }
  return c.json(successBody(data))
}

/** `GET /v1/ai/agents/:id/cost`: what an agent cost in a period; its id is its name in `x-agent-name`. */
export function getAgentCost(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const agent_name = c.req.param('id') ?? ''
  return attribute({ named: { agent_name }, which: { filter: { agent_name } }, what: 'an agent' }, c, ports)
}

/** `GET /v1/ai/workflows/:id/cost`: the same of a workflow, which is the value of a tag. */
export function getWorkflowCost(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const workflow = c.req.param('id') ?? ''
  const tag = oneOf(c.req.query(), 'tag', ['workflow', 'workflow_id']) ?? 'workflow'
  return attribute({ named: { workflow }, which: { tags: { [tag]: workflow } }, what: 'a workflow' }, c, ports)
}
