import type { GroupInput } from '../../contracts/group-input.ts'
import type { RateLimitInput } from '../../contracts/virtual-key-input.ts'
import { type GroupRecord, type GroupRow, groupScope } from '../../db/group-record.ts'
import type { RateLimitRow } from '../../db/key-record.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts } from '../ports.ts'
import { namesBehaviour } from './apply-behaviour.ts'
import { applyBudgets } from './apply-budgets.ts'
import { unknownGroup } from './apply-owner.ts'
import { applyRateLimit } from './apply-rate-limit.ts'
import { askBudgets } from './ask-budgets.ts'
import { checkGroupBudgets } from './check-budgets.ts'
import { GROUP_TITLE } from './group-not-found.ts'
import { invalid } from './invalid.ts'
import type { LimitOwner } from './limit-owner.ts'

const MAX_NAME_CHARS = 255

/** The body of a create or an update, and the customer that it names. */
export type GroupChange = { input: GroupInput; customer: GroupRow | null }

function nameOf({ input }: GroupChange, { kind, group }: GroupRecord): string {
  const name = input.name ?? group.name
  if (name.trim() === '') throw invalid(`${GROUP_TITLE[kind]} name is required`)
  if (name.length <= MAX_NAME_CHARS) return name
  throw invalid(`${GROUP_TITLE[kind]} name cannot have more than ${MAX_NAME_CHARS} characters`)
}

function customerIdOf({ input, customer }: GroupChange, { kind, group }: GroupRecord): string | null {
  const { customer_id: id } = input
  if (kind === 'customer' || id === null || id === undefined) return group.customerId
  if (id && !customer) throw unknownGroup('customer', id)
  return customer?.id ?? null
}

function limitOwner({ input }: GroupChange, { kind, group }: GroupRecord, ports: ControlPorts): LimitOwner {
  return {
    tenantId: group.tenantId,
    scope: groupScope({ kind, id: group.id }),
    keyId: null,
    configId: null,
    isAligned: input.calendar_aligned ?? false,
    isAlignedAnew: typeof input.calendar_aligned === 'boolean',
    nowMs: ports.nowMs(),
    newId: ports.newId,
  }
}

function hasMax({ token_max_limit, request_max_limit }: RateLimitInput): boolean {
  return typeof token_max_limit === 'number' || typeof request_max_limit === 'number'
}

// A team's rate limit is replaced whole, a customer's is merged; of both, one without any maximum is taken away (1.2, 1.3).
// A body that says only what it does, of which the contract knows nothing, changes that.
function rateLimitOf(record: GroupRecord, input: GroupInput, owner: LimitOwner): RateLimitRow[] {
  const { rate_limit: asked } = input
  const current = record.rateLimits
  if (!asked || record.kind === 'customer') return applyRateLimit(current, asked, owner)
  if (!hasMax(asked)) return namesBehaviour(asked) ? applyRateLimit(current, asked, owner) : []
  const blank = { tokenMaxLimit: null, tokenResetDuration: null, requestMaxLimit: null, requestResetDuration: null }
  const emptied = current.map(row => ({ ...row, ...blank }))
  return applyRateLimit(emptied, asked, owner)
}

function prefixed(thrown: unknown): never {
  if (!(thrown instanceof GatewayError)) throw thrown
  throw invalid(`Invalid rate limit: ${thrown.detail}`)
}

function checkedRateLimit(record: GroupRecord, input: GroupInput, owner: LimitOwner): RateLimitRow[] {
  try {
    return rateLimitOf(record, input, owner)
  } catch (thrown) {
    return prefixed(thrown)
  }
}

/** A team or customer after a change: what the body does not name stays. Throws `request_invalid`, and writes nothing. */
export function applyGroup(record: GroupRecord, change: GroupChange, ports: ControlPorts): GroupRecord {
  const { input } = change
  const name = nameOf(change, record)
  const owner = limitOwner(change, record, ports)
  const rateLimits = checkedRateLimit(record, input, owner)
  const asked = askBudgets(input, record.budgets)
  checkGroupBudgets(asked ?? [])
  const budgets = applyBudgets(record.budgets, asked, owner)
  const group = { ...record.group, name, customerId: customerIdOf(change, record), updatedMs: owner.nowMs }
  return { ...record, group, budgets, rateLimits }
}
