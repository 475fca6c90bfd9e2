import type { TenantId } from '../../core/access/tenant-id.ts'
import { usdFromNano } from '../../core/money/nano-usd.ts'
import type { RecordedEvent } from '../../core/usage.ts'
import { listSpend as listRows } from '../../db/list-spend.ts'
import type { SumQuery } from '../../db/rollup/sum-query.ts'
import { askUsage } from '../analytics/ask-usage.ts'
import { checkRange } from '../analytics/check-range.ts'
import { readPeriod } from '../analytics/read-period.ts'
import { readSources, type Sources } from '../cost/source.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody, readPage } from '../http/page.ts'
import type { Query } from '../http/query.ts'
import { successBody } from '../http/success-body.ts'
import type { ControlPorts } from '../ports.ts'

/** The tag that names the application of a request. */
export const APPLICATION = 'application'

type Asked = Omit<SumQuery<'events'>, 'groupBy' | 'sums'> & { providers: string[] | undefined }

function readSpendQuery(
  query: Query,
  tenantId: TenantId,
  { sources, nowMs }: { sources: Sources; nowMs: number },
): Asked {
  const { source, model_id: model, application, team } = query
  return {
    ...{ tenantId, range: readPeriod(query, nowMs), providers: source ? sources.providersOf(source) : undefined },
    filter: { ...(model && { model }), ...(team && { team }) },
    ...(application && { tags: { [APPLICATION]: application } }),
  }
}

async function countSpend(asked: Asked, ports: ControlPorts): Promise<number> {
  const { providers, ...rest } = asked
  const groupBy = providers ? (['provider'] as const) : []
  const question: SumQuery<'events'> = { ...rest, groupBy: [...groupBy], sums: ['events'] }
  checkRange(question)
  const sums = await askUsage(question, ports)
  const isWanted = (provider: unknown) => providers === undefined || providers.includes(String(provider))
  return sums.reduce((total, { group, events }) => total + (isWanted(group.provider) ? events : 0), 0)
}

function renderSpend(event: RecordedEvent, { sourceOf }: Sources) {
  const { id, request_id, provider, team, feature, agent_name, user_id, tags, success } = event
  const { input_tokens, output_tokens, cached_input_tokens } = event
  return {
    ...{ id, timestamp: new Date(event.timestamp_ms).toISOString(), request_id },
    ...{ source: sourceOf(provider), provider, model_id: event.model },
    ...{ application: tags[APPLICATION] ?? null, team, feature, agent_name, user_id },
    ...{ input_tokens, output_tokens, cached_input_tokens },
    ...{ cost_usd: usdFromNano(event.cost_nano), cost_nano: String(event.cost_nano), success, tags },
  }
}

/** `GET /v1/ai/spend`: a page of what single events of a period cost, the newest first. */
export async function listSpend(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = c.req.query()
  const { tenantId } = c.get('principal')
  const page = readPage(query)
  const sources = await readSources(tenantId, ports)
  const asked = readSpendQuery(query, tenantId, { sources, nowMs: ports.nowMs() })
  const { range, filter = {}, tags, providers } = asked
  const named = { ...(filter.model && { model: filter.model }), ...(filter.team && { team: filter.team }) }
  const db = await ports.eventsDb(tenantId)
  const [total, events] = await Promise.all([
    countSpend(asked, ports),
    listRows(db, { tenantId, ...range, filter: named, ...(tags && { tags }), providers, ...page }),
  ])
  const data = events.map(event => renderSpend(event, sources))
  return c.json({ ...successBody(data, total), ...listBody(data, total, page) })
}
