import type { LimitsInput, VirtualKeyInput } from '../../contracts/virtual-key-input.ts'
import { type KeyRecord, rowsOf } from '../../db/key-record.ts'
import type { ControlPorts } from '../ports.ts'
import type { KnownProviders } from '../provider-keys/known-providers.ts'
import { applyBudgets } from './apply-budgets.ts'
import { applyHandling } from './apply-handling.ts'
import { applyMcpConfigs } from './apply-mcp-configs.ts'
import { applyOwner, type KeyOwner, type NamedOwners } from './apply-owner.ts'
import { applyProviderConfigs } from './apply-provider-configs.ts'
import { applyRateLimit } from './apply-rate-limit.ts'
import { applyReliability } from './apply-reliability.ts'
import { askBudgets } from './ask-budgets.ts'
import { checkBudgets } from './check-budgets.ts'
import { invalid } from './invalid.ts'
import type { LimitOwner } from './limit-owner.ts'
import { readExpiry } from './read-expiry.ts'

const MAX_NAME_CHARS = 255

type Key = KeyRecord['key']
/** A scope of limits: what is asked of it, and the provider config it belongs to (`null`: the key itself). */
type Scope = { configId: number | null; scope: string; input: LimitsInput }
/** The body of a create or an update, the team and customer that it names, and the providers that it may name. */
export type KeyInput = VirtualKeyInput & { owners: NamedOwners; known: KnownProviders }

function nameOf(input: VirtualKeyInput, key: Key): string {
  const name = input.name ?? key.name
  if (name.trim() === '') throw invalid('Virtual key name is required')
  if (name.length > MAX_NAME_CHARS) throw invalid(`Virtual key name cannot have more than ${MAX_NAME_CHARS} characters`)
  return name
}

// In the order in which the contract names the errors (1.1), so that a body with two gets the same one here as there.
function applyToKey(record: KeyRecord, input: KeyInput, ports: ControlPorts): KeyOwner & { key: Key } {
  const { key } = record
  const name = nameOf(input, key)
  const owner = applyOwner(record, input, input.owners)
  checkBudgets(askBudgets(input, rowsOf(record.budgets, null)) ?? [])
  const { provider_configs: configs, mcp_configs: mcp } = input
  const next = {
    ...key,
    name,
    teamId: owner.team?.id ?? null,
    customerId: owner.customer?.id ?? null,
    description: input.description ?? key.description,
    isActive: input.is_active ?? key.isActive,
    calendarAligned: input.calendar_aligned ?? key.calendarAligned,
    expiresMs: typeof input.expires_at === 'string' ? readExpiry(input.expires_at, ports.nowMs()) : key.expiresMs,
    providerConfigs: configs ? applyProviderConfigs(key.providerConfigs, configs, input.known) : key.providerConfigs,
    mcpConfigs: mcp ? applyMcpConfigs(key.mcpConfigs, mcp, input.known) : key.mcpConfigs,
    ...applyHandling(key, input),
    reliability: applyReliability(key.reliability, input.reliability),
    updatedMs: ports.nowMs(),
  }
  return { ...owner, key: next }
}

function scopesOf(key: Key, input: VirtualKeyInput): Scope[] {
  const scope = `virtual_key:${key.id}`
  const ofConfigs = key.providerConfigs.map((config, index) => ({
    configId: config.id,
    scope: `${scope}/provider:${config.provider}`,
    input: input.provider_configs?.[index] ?? {},
  }))
  return [{ configId: null, scope, input }, ...ofConfigs]
}

function limitOwner(
  key: Key,
  input: VirtualKeyInput,
  ports: ControlPorts,
): Omit<LimitOwner, 'configId' | 'scope' | 'isUsageReset'> {
  return {
    tenantId: key.tenantId,
    keyId: key.id,
    isAligned: key.calendarAligned,
    isAlignedAnew: typeof input.calendar_aligned === 'boolean',
    nowMs: ports.nowMs(),
    newId: ports.newId,
  }
}

/** A key and its limits after a change: what the body does not name stays. Throws `request_invalid`, and writes nothing. */
export function applyInput(record: KeyRecord, input: KeyInput, ports: ControlPorts): KeyRecord {
  const { key, team, customer } = applyToKey(record, input, ports)
  const common = limitOwner(key, input, ports)
  const next: KeyRecord = { key, team, customer, budgets: [], rateLimits: [] }
  for (const { configId, scope, input: asked } of scopesOf(key, input)) {
    const owner = { ...common, configId, scope, isUsageReset: asked.reset_budget_usage === true }
    const budgets = rowsOf(record.budgets, configId)
    next.budgets.push(...applyBudgets(budgets, askBudgets(asked, budgets), owner))
    next.rateLimits.push(...applyRateLimit(rowsOf(record.rateLimits, configId), asked.rate_limit, owner))
  }
  return next
}
