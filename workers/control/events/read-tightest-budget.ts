import type { TenantId } from '../../core/access/tenant-id.ts'
import { isOwnScope, scopesOf } from '../../core/quota/scope.ts'
import type { RecordedEvent } from '../../core/usage.ts'
import { findKey } from '../../db/find-key.ts'
import { findMoneyLimits, type MoneyLimit } from '../../db/find-money-limits.ts'
import type { KeyRecord } from '../../db/key-record.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts, LimitUsage } from '../ports.ts'

/** A limit of money that binds an event's caller, as it stands now. Nano-dollars; below 0 where more was spent than it allows. */
export type StandingBudget = MoneyLimit & { usedNano: number; remainingNano: number; resetsMs: number | undefined }

function scopesOfEvent(event: RecordedEvent, tenantId: TenantId, record: KeyRecord | undefined): string[] {
  const { entity_type: type, entity_id: id } = event
  return scopesOf({
    ...{ keyId: event.virtual_key_id, tenantId, provider: event.provider, model: event.model },
    ...{ teamId: record?.team?.id ?? null, customerId: record?.customer?.id ?? null },
    ...{ feature: event.feature, agent: event.agent_name, user: event.user_id, tags: event.tags },
    entity: type !== null && id !== null ? { type, id } : null,
  })
}

// A key with one meter has its limits there; all others are where their scope is.
function askerOf(tenantId: TenantId, record: KeyRecord | undefined, ports: ControlPorts) {
  const keyId = record?.key.meterRegions === null ? record.key.id : undefined
  const asked = new Map<string, Promise<LimitUsage[]>>()
  return (scope: string): Promise<LimitUsage[]> => {
    const isOwn = keyId !== undefined && isOwnScope(scope)
    const place = isOwn ? keyId : scope
    const answer =
      asked.get(place) ?? (isOwn ? ports.readUsage({ tenantId, keyId }) : ports.readScopeUsage({ tenantId, scope }))
    asked.set(place, answer)
    return answer
  }
}

function standing(limit: MoneyLimit, readings: LimitUsage[], nowMs: number): StandingBudget {
  const reading = readings.find(one => one.limitId === limit.id && one.endMs > nowMs)
  const usedNano = reading?.used ?? 0
  return { ...limit, usedNano, remainingNano: limit.maxNano - usedNano, resetsMs: reading?.endMs }
}

/**
 * Of the limits of money that would bind the event's caller now, the one with the least left; `undefined` where none does. Throws
 * `meter_unavailable` where one of them cannot be asked.
 */
export async function readTightestBudget(
  event: RecordedEvent,
  tenantId: TenantId,
  ports: ControlPorts,
): Promise<StandingBudget | undefined> {
  const record = await findKey(ports.db, { tenantId, id: event.virtual_key_id })
  const limits = await findMoneyLimits(ports.db, { tenantId, scopes: scopesOfEvent(event, tenantId, record) })
  const ask = askerOf(tenantId, record, ports)
  const nowMs = ports.nowMs()
  try {
    const standings = await Promise.all(limits.map(async one => standing(one, await ask(one.scope), nowMs)))
    return standings.toSorted((a, b) => a.remainingNano - b.remainingNano)[0]
  } catch (cause) {
    throw new GatewayError('meter_unavailable', 'What is left of the budgets could not be read. Try again.', { cause })
  }
}
