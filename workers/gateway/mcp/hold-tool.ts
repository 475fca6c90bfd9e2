import { PRICEBOOK_VERSION } from '../../core/pricing/index.ts'
import { meterPart } from '../../core/quota/meter-part.ts'
import type { Meter, MeterAdmission, MeterAdmit } from '../../core/quota/meter-protocol.ts'
import { scopesOf } from '../../core/quota/scope.ts'
import type { KeySnapshot } from '../../core/snapshot.ts'
import type { Attribution, EventDraft } from '../../core/usage.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { PlacedServer } from '../../mcp/world.ts'
import { spreadOf } from '../admit-call.ts'
import { authenticate } from '../authenticate.ts'
import type { Call } from '../call.ts'
import type { GatewayPorts } from '../ports.ts'
import { refusal } from '../refusal.ts'

/** What events, and limits of a provider, call the place where tools are called. */
const PROVIDER = 'mcp'
/** What a call may take beside the time that its server has. */
const SPARE_MS = 30_000
/** A call of a tool is a request, and costs nothing. */
const NEED = { nano_usd: 0, tokens: 0, requests: 1, in_flight: 1 }
const BOUND = { inputTokens: 0, outputTokens: 0 }

/** A call that may be made: by which snapshot that was decided, and where it goes. `name`: the tool's, as it is written. */
export type AllowedTool = {
  call: Call
  attribution: Attribution
  snapshot: KeySnapshot
  server: PlacedServer
  name: string
  timeoutMs: number
}

/** A call that is held: what settling it takes. */
export type HeldTool = { meter: Meter; scopes: string[]; draft: EventDraft; attempt: { callId: string; attempt: 1 } }

function draftOf({ call, attribution, snapshot, name }: AllowedTool): EventDraft {
  return {
    ...attribution,
    ...{ tenant_id: snapshot.tenantId, virtual_key_id: snapshot.keyId, request_id: call.requestId },
    ...{ provider: PROVIDER, model: name, requested_model: name, priced_model: `${PROVIDER}/${name}` },
    ...{ pricebook_version: PRICEBOOK_VERSION, is_stream: false },
  }
}

function scopesFor({ snapshot, attribution, name }: AllowedTool): string[] {
  const { keyId, teamId, customerId, tenantId } = snapshot
  const { entity_type: type, entity_id: id } = attribution
  return scopesOf({
    ...{ keyId, teamId, customerId, tenantId, provider: PROVIDER, model: name },
    ...{ feature: attribution.feature, agent: attribution.agent_name, user: attribution.user_id },
    entity: type !== null && id !== null ? { type, id } : null,
    tags: attribution.tags,
  })
}

function unavailable(cause?: unknown): GatewayError {
  const detail = 'The limits of this key cannot be reached right now; nothing was called.'
  return new GatewayError('meter_unavailable', detail, { cause })
}

async function ask(held: HeldTool, command: MeterAdmit, ports: GatewayPorts): Promise<MeterAdmission> {
  try {
    return await held.meter.admit(command)
  } catch (cause) {
    // One that was written while its answer was lost would stand as a call that nobody knows the end of.
    ports.after(held.meter.release(held.attempt))
    throw unavailable(cause)
  }
}

/**
 * Counts a call against every limit that it falls under, before it is made. `stale`: the key was changed meanwhile, and what it may
 * do has to be looked at again. Throws the refusal of a limit.
 */
export async function holdTool(allowed: AllowedTool, ports: GatewayPorts): Promise<HeldTool | 'stale'> {
  const { call, snapshot, timeoutMs } = allowed
  const { ref } = authenticate(call.request.headers, ports)
  const part = meterPart(snapshot.meters, { continent: call.continent, spread: spreadOf(call.id) })
  const attempt = { callId: call.id, attempt: 1 } as const
  const held = { meter: ports.meter(ref, part), scopes: scopesFor(allowed), draft: draftOf(allowed), attempt }
  const nowMs = ports.nowMs()
  const when = { nowMs, deadlineMs: nowMs + timeoutMs + SPARE_MS, snapshotVersion: snapshot.version }
  const { scopes, draft } = held
  const answer = await ask(held, { ...attempt, ...when, need: NEED, bound: BOUND, scopes, draft }, ports)
  if (answer.kind === 'refused') throw refusal(answer.standing, answer.needed, { nowMs })
  if (answer.kind === 'stale') return 'stale'
  if (answer.kind === 'admitted') return held
  throw unavailable()
}
