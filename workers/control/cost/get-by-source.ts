import { addUp, USED } from '../analytics/add-up.ts'
import { askUsage } from '../analytics/ask-usage.ts'
import { checkRange } from '../analytics/check-range.ts'
import { readPeriod } from '../analytics/read-period.ts'
import { readUsageFilter } from '../analytics/read-usage-filter.ts'
import type { ControlContext } from '../http/env.ts'
import { successBody } from '../http/success-body.ts'
import type { ControlPorts } from '../ports.ts'
import { byCost, renderShare } from './render-share.ts'
import { readSources } from './source.ts'

/** `GET /v1/cost/by-source`: costs by where they are paid, such as `bedrock` and `openai_api`, the dearest first. */
export async function getBySource(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = c.req.query()
  const { tenantId } = c.get('principal')
  const range = readPeriod(query, ports.nowMs())
  const question = { tenantId, range, groupBy: ['provider' as const], sums: USED, ...readUsageFilter(query) }
  checkRange(question)
  const [sums, { sourceOf }] = await Promise.all([askUsage(question, ports), readSources(tenantId, ports)])
  const whole = addUp(sums)
  const groups = Map.groupBy(sums, ({ group }) => sourceOf(String(group.provider)))
  const data = [...groups].map(([source, ofSource]) => ({
    ...{ source, providers: ofSource.map(({ group }) => group.provider) },
    ...renderShare(ofSource, whole),
  }))
  return c.json(successBody(byCost(data)))
}
