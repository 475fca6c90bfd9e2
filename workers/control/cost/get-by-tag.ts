import type { UsageGroup } from '../../db/rollup/usage-group.ts'
import { addUp, USED } from '../analytics/add-up.ts'
import { askUsage } from '../analytics/ask-usage.ts'
import { checkRange } from '../analytics/check-range.ts'
import { readPeriod } from '../analytics/read-period.ts'
import type { ControlContext } from '../http/env.ts'
import { badParam, type Query } from '../http/query.ts'
import { successBody } from '../http/success-body.ts'
import type { ControlPorts } from '../ports.ts'
import { byCost, renderShare } from './render-share.ts'

const MAX_TAG_CHARS = 64

function readTag({ tag = 'team' }: Query): { tag: string; group: UsageGroup } {
  if (tag === 'team' || tag === 'feature') return { tag, group: tag }
  if (tag === '' || tag.length > MAX_TAG_CHARS) throw badParam('tag', `a name of 1 to ${MAX_TAG_CHARS} characters`)
  return { tag, group: `tag:${tag}` }
}

/** `GET /v1/cost/by-tag`: costs by team, feature, or the values of any tag, the dearest first. */
export async function getByTag(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = c.req.query()
  const { tag, group } = readTag(query)
  const range = readPeriod(query, ports.nowMs())
  const question = { tenantId: c.get('principal').tenantId, range, groupBy: [group], sums: USED }
  checkRange(question)
  const sums = await askUsage(question, ports)
  const whole = addUp(sums)
  const data = sums.map(sum => ({ tag, value: Object.values(sum.group)[0] ?? null, ...renderShare([sum], whole) }))
  return c.json(successBody(byCost(data)))
}
