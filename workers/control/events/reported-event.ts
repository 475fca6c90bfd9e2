import { createHash } from 'node:crypto'
import type { TenantId } from '../../core/access/tenant-id.ts'
import { nanoFromUsd } from '../../core/money/nano-usd.ts'
import { eventIdFloor, type RecordedEvent } from '../../core/usage.ts'
import type { ItemFlaw } from './item-flaws.ts'
import { type PriceSources, priceReport } from './price-report.ts'
import type { Report } from './read-reports.ts'

/**
 * The id of a reported event: of the tenant, its `external_id` and its time, so that the same report is the same row whenever
 * it comes and whatever the deployment's secrets are then. In the place of a UUIDv7's version there is an eight, which RFC 9562
 * leaves to us, so that no call and no correction has this id.
 */
export function reportedEventId(
  tenantId: TenantId,
  { external_id, atMs }: Pick<Report, 'external_id' | 'atMs'>,
): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([tenantId, external_id, atMs]))
    .digest('hex')
  return `${eventIdFloor(atMs)}8${hash.slice(0, 19)}_1`
}

type Charge = Pick<RecordedEvent, 'cost_nano' | 'cost_detail' | 'priced_model' | 'pricebook_version'>

function chargeOf(report: Report, sources: PriceSources): Charge | [param: string, message: string] {
  const { provider, model, cost_usd } = report
  if (cost_usd === undefined) {
    const price = priceReport(report, sources)
    if (!price) return ['cost_usd', `must be given: there is no price of ${model} at ${provider}`]
    const { cost, detail, pricedModel: priced_model, version: pricebook_version } = price
    return { cost_nano: cost, cost_detail: detail, priced_model, pricebook_version }
  }
  const cost_nano = nanoFromUsd(cost_usd)
  if (cost_nano === undefined) return ['cost_usd', 'must be dollars with at most 9 decimals']
  return { cost_nano, cost_detail: null, priced_model: `${provider}/${model}`, pricebook_version: 'reported' }
}

function attributionOf(report: Report) {
  const { feature = null, team = null, agent_name = null, user_id = null, tags } = report
  return {
    feature,
    team,
    agent_name,
    user_id,
    entity_type: report.entity_type ?? null,
    entity_id: report.entity_id ?? null,
    tags,
  }
}

function endOf({ atMs, latency_ms, status = null, success, is_stream }: Report) {
  const times = {
    timestamp_ms: atMs,
    admitted_ms: atMs,
    settled_ms: atMs + latency_ms,
    latency_ms,
    first_byte_ms: null,
  }
  return {
    ...times,
    is_stream,
    success,
    http_status: status,
    outcome: success ? ('ok' as const) : ('provider_error' as const),
  }
}

function tokensOf(report: Report) {
  const { inputTokens: input_tokens, outputTokens: output_tokens } = report
  const { cached_input_tokens, cache_write_tokens, reasoning_tokens } = report
  return { input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens }
}

/** The event that a report stands for, or what is wrong with it. No key paid for it, no limit counted it, no meter knows it. */
export function reportedEvent(
  [report, index]: [report: Report, index: number],
  tenantId: TenantId,
  sources: PriceSources,
): RecordedEvent | ItemFlaw {
  const charge = chargeOf(report, sources)
  if (Array.isArray(charge)) return { index, param: charge[0], message: charge[1] }
  const { provider, model, external_id, request_id = external_id, service_tier = null } = report
  return {
    ...{ id: reportedEventId(tenantId, report), tenant_id: tenantId, virtual_key_id: '', source: 'reported' },
    ...{ request_id, attempt: 1, revision: 1, provider, model, requested_model: `${provider}/${model}`, service_tier },
    ...{ ...attributionOf(report), ...tokensOf(report), ...endOf(report), ...charge, held_nano: 0, overrun_nano: 0 },
  }
}
